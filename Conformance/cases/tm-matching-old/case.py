def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    uri = f"sip:service@127.0.0.1:{t.port}"
    request = alice.request("MESSAGE", uri, headers=[("X-1", one.contact)])
    via = f"SIP/2.0/UDP 127.0.0.1:{alice.port};branch=own-old"
    request.set("Via", via)
    alice.send(request)
    received = one.expect("MESSAGE")
    one.reply(received, 486, "Own")
    final = alice.expect(486)
    alice.send(request)
    alice.expect_copies(final, 2)
    one.expect_silence()
    for change in ("uri", "via", "from"):
        other = alice.request("MESSAGE", uri, headers=[("X-1", one.contact)], call_id=request["Call-ID"])
        other.set("Via", via)
        if change == "uri":
            other.start = other.start.replace("service", "other")
        if change == "via":
            other.set("Via", via + "-2")
        if change == "from":
            other.set("From", f"<{alice.aor}>;tag=own-other")
        one.note(change)
        alice.send(other)
        if one.wait(lambda: one.inbox, 0.2):
            one.reply(one.receive(), 487, "Other")
        if alice.wait(lambda: alice.inbox, 0.1):
            alice.receive()
        alice.note(change)
