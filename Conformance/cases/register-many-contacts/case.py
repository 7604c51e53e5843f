def run(t):
    bob = t.phone("bob")
    for number in range(1, 13):
        bob.register(f"<sip:c{number}@127.0.0.1:{23390 + number % 3}>", cseq=number)
    bob.send(bob.register_request(cseq=13))
    t.equal(len(", ".join(bob.expect(200).all("Contact")).split("<sip:")) - 1, 12, "bindings")
    bob.send(bob.register_request("*", expires=0, cseq=14))
    bob.expect(200)
