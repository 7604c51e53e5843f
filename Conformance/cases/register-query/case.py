VARIANTS = ("udp", "tcp")


def run(t):
    bob = t.phone("bob")
    bob.send(bob.register_request(cseq=1))
    t.check(not bob.expect(200).has("Contact"), "nothing bound yet")
    bob.register(cseq=2)
    bob.send(bob.register_request(cseq=3))
    t.equal(len(bob.expect(200).all("Contact")), 1, "listed")
