def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in ("own-one", "avp"):
        for user in ("bob", "", "a%20b:pw"):
            alice.send(alice.request("INVITE", f"sip:{user}{'@' if user else ''}127.0.0.1:{bob.port}",
                                     headers=[("X-Step", step)]))
            alice.expect(100)
            received = bob.expect("INVITE")
            bob.reply(received, 200, "OK")
            alice.expect(200)
