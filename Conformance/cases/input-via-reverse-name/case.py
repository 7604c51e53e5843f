def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for sent_by in ("localhost", "other.example", "192.0.2.1", "127.0.0.1"):
        for flags in ("", ";rport"):
            alice.note(sent_by + flags)
            via = f"SIP/2.0/UDP {sent_by}:{alice.port};branch=z9hG4bKown-{t.next_number()}{flags}"
            alice.send(alice.request("OPTIONS").set("Via", via))
            alice.expect(200)
    for sent_by in ("localhost", "other.example"):
        alice.note(f"relayed {sent_by}")
        via = f"SIP/2.0/UDP {sent_by}:{alice.port};branch=z9hG4bKown-{t.next_number()}"
        alice.send(alice.request("MESSAGE", bob.contact).set("Via", via))
        bob.reply(bob.expect("MESSAGE"), 200, "OK")
        alice.expect(200)
