def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    # user@host of the Request-URI and of the contacts counts, the whole of From and To.
    for phone in (alice, bob):
        for user in ("3000", "191", "5", "900", "x:secret"):
            phone.send(phone.request("MESSAGE", f"sip:{user}@own.invalid:5070;x=y"))
            phone.expect(200)
    for contacts in ("<sip:own@127.0.0.1:5070>", "<sip:own@127.0.0.1>, <sip:191@127.0.0.1>", "<sip:bob@127.0.0.1>"):
        request = alice.request("REGISTER", contact=contacts)
        alice.send(request)
        alice.expect(200)
