VARIANTS = ("udp", "tcp", "udp6")


def run(t):
    alice = t.phone("alice")
    for peer in (t.phone("bob", "udp", 4), t.phone("carol", "tcp", 4), t.phone("dora", "udp", 6)):
        for step in ("plain", "user", "params", "received", "received-user", "received-params",
                     "none-user", "twice"):
            alice.note(step)
            peer.note(step)
            extra = [("X-Step", step), ("X-To", peer.contact), ("Supported", "path")]
            if step == "twice":
                extra.append(("Path", "<sip:192.0.2.77;lr>"))
            alice.send(alice.register_request(f"<{alice.contact}>", headers=extra, cseq=t.next_number()))
            peer.reply(peer.expect("REGISTER"), 200, "OK")
            alice.expect(200)
