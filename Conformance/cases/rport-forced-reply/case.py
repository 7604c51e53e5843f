def run(t):
    alice, carol = t.phone("alice"), t.phone("carol")
    request = alice.request("MESSAGE", carol.contact)
    request.set("Via", carol.via(rport=False))
    alice.send(request)
    alice.expect(404)
