def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for sent_by, flags in (("192.0.2.1:5060", ";rport"), ("192.0.2.1", ""), (f"127.0.0.1:{alice.port}", ""),
                           ("127.0.0.1:9", ""), (f"127.0.0.1:{alice.port}", ";rport"), ("alice.example", ";x=own")):
        request = alice.request("MESSAGE", bob.aor)
        alice.send(request.set("Via", f"SIP/2.0/UDP {sent_by};branch=z9hG4bKown-{t.next_number()}{flags}"))
        received = bob.expect("MESSAGE")
        bob.reply(received, 200, "OK")
        alice.expect(200)
