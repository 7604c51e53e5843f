def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()

    def broken(label, change, *relayed):
        alice.note(label)
        bob.note(label)
        invite = alice.invite(bob)
        alice.expect(100)
        received = bob.expect("INVITE")
        bob.reply(received, 180, "Ringing")
        alice.expect(180)
        bob.send(change(bob.response(received, 486, "Own")))
        bob.fence()
        alice.fence()
        bob.reply(received, 486, "Busy Here")
        bob.fence()
        alice.fence()
        codes = [message.start.split(" ", 2)[2] for message in alice.inbox]
        for message in alice.inbox:
            if message.start[8:9] != "1" and message["CSeq"] == "1 INVITE":
                alice.ack_failure(invite, message)
        alice.inbox.clear()
        bob.wait(lambda: bob.inbox, 1.0)
        bob.inbox.clear()
        t.check(codes in relayed, f"{label}: wanted {relayed}, got {codes}")

    def raw(old, new):
        return lambda reply: reply.encode().replace(old, new, 1)

    own = f"SIP/2.0/UDP 127.0.0.1:{t.port};branch=z9hG4bKown"
    broken("good", lambda r: r, ["Own"])
    broken("CSeq of another method", lambda r: r.set("CSeq", "1 BYE"), ["Own", "Busy Here"])
    broken("CSeq of another number", lambda r: r.set("CSeq", "2 INVITE"), ["Own"])
    broken("no CSeq", lambda r: r.remove("CSeq"), ["Busy Here"])
    broken("status 99", raw(b" 486 ", b" 99 "), ["Busy Here"])
    broken("status 700", raw(b" 486 ", b" 700 "), ["Own"], ["Busy Here"])
    broken("status 1000", raw(b" 486 ", b" 1000 "), ["Busy Here"])
    broken("status of letters", raw(b" 486 ", b" abc "), ["Busy Here"])
    broken("status with a minus", raw(b" 486 ", b" -86 "), ["Busy Here"])
    broken("no reason", raw(b" 486 Own", b" 486"), ["Busy Here"])
    broken("empty reason", raw(b" 486 Own", b" 486 "), [""])
    broken("two spaces", raw(b" 486 ", b"  486 "), ["Busy Here"])
    broken("version in lower case", raw(b"SIP/2.0 ", b"sip/2.0 "), ["Own"])
    broken("SIP/3.0", raw(b"SIP/2.0 ", b"SIP/3.0 "), ["Busy Here"])
    broken("no Via below ours", lambda r: drop_last_via(r), ["Own"])
    broken("another host in our Via", raw(b"UDP 127.0.0.1:%d" % t.port, b"UDP 127.0.0.1:9"), ["Own"])
    broken("another branch in our Via", lambda r: r.set("Via", own), ["Own", "Busy Here"])
    broken("Content-Length too large", lambda r: r.set("Content-Length", "9"), ["Busy Here"])
    broken("Content-Length of letters", lambda r: r.set("Content-Length", "x"), ["Busy Here"])
    broken("no Content-Length", lambda r: r.remove("Content-Length"), ["Own"])
    broken("no To", lambda r: r.remove("To"), ["Busy Here"])
    broken("no From", lambda r: r.remove("From"), ["Busy Here"])
    broken("no Call-ID", lambda r: r.remove("Call-ID"), ["Busy Here"])
    broken("another Call-ID", lambda r: r.set("Call-ID", f"own-{t.slug}-other"), ["Own"])
    broken("another From tag", raw(b";tag=own-alice-1", b";tag=own-other"), ["Own"])
    broken("no To tag", raw(b";tag=own-bob-2", b""), ["Own"])


def drop_last_via(reply):
    server = reply.all("Via")[0]
    reply.remove("Via")
    reply.headers.insert(0, ("Via", server))
    return reply
