def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    alice.send(alice.register_request(f"<sip:alice@192.0.2.55>", headers=[("X-To", bob.contact), ("Supported", "path")]))
    register = bob.expect("REGISTER")
    bob.reply(register, 200, "OK")
    alice.expect(200)
    path = register["Path"]
    for routes in ([path], [path.replace(";lr", ";lr;own=1")], [path, f"<sip:127.0.0.1:{bob.port};lr;own=2>"],
                   [path.replace("received", "other")]):
        for tag in ("", ";tag=own-tag"):
            bob.note(f"{routes} {tag}".replace(str(alice.port), "PORT"))
            bob.send(bob.request("MESSAGE", f"sip:alice@127.0.0.1:{alice.port}", to=f"<sip:alice@192.0.2.55>{tag}",
                                 routes=routes))
            bob.fence()
            if bob.inbox and bob.inbox[0].status is None:
                bob.reply(bob.receive(), 200, "OK")
            if alice.wait(lambda: alice.inbox, 0.05):
                alice.reply(alice.receive(), 200, "OK")
            bob.receive(0.2)
