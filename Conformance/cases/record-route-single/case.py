def run(t):
    alice, bob = t.phone("alice"), t.phone("bob", transport="tcp")
    for uri in (bob.contact,):
        alice.send(alice.request("INVITE", uri))
        alice.expect(100)
        received = bob.expect("INVITE")
        t.equal(len(received.all("Record-Route")), 1, "Record-Routes")
        bob.reply(received, 200, "OK")
        alice.expect(200)
