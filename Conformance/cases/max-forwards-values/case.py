def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for value, wanted in (("1", "0"), ("10", "9"), ("70", "69"), (None, "10")):
        request = alice.request("MESSAGE", bob.aor, body="hello", content_type="text/plain")
        alice.send(request.set("Max-Forwards", value) if value else request.remove("Max-Forwards"))
        received = bob.expect("MESSAGE")
        t.equal(received.all("Max-Forwards"), [wanted], f"passed on for {value}")
        bob.reply(received, 200, "OK")
        alice.expect(200)
    for value in ("71", "255", "256", "1000", "4294967296", "-1", "abc", "070", ""):
        alice.note(f"Max-Forwards: {value}")
        bob.note(f"Max-Forwards: {value}")
        alice.send(alice.request("MESSAGE", bob.aor).set("Max-Forwards", value))
        alice.fence()
        if bob.wait(lambda: bob.inbox, 0.02):
            bob.reply(bob.expect("MESSAGE"), 200, "OK")
            alice.expect(200)
        else:
            t.check(alice.inbox and alice.receive().status, "an answer")
