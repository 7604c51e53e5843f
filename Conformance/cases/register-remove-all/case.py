VARIANTS = ("udp", "tcp")


def run(t):
    bob = t.phone("bob")
    bob.register(f"<{bob.contact}>, <sip:bob@127.0.0.1:23392>")
    bob.send(bob.register_request("*", expires=0, cseq=2))
    t.check(not bob.expect(200).has("Contact"), "no contact in the answer")
    bob.send(bob.register_request(cseq=3))
    t.check(not bob.expect(200).has("Contact"), "nothing left")
