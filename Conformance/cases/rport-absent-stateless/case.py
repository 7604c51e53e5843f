def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    request = alice.request("MESSAGE", bob.contact)
    # Another port than the request comes from.
    request.set("Via", carol.via(rport=False))
    alice.send(request)
    bob.reply(bob.expect("MESSAGE"), 200, "OK")
    carol.expect(200)
