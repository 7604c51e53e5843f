def run(t):
    bob = t.phone("bob")
    bob.send(bob.register_request("<sip:four@127.0.0.1:4444>;q=0.7", expires=120, headers=[("X-Step", "save")]))
    bob.expect(200)
    bob.send(bob.register_request(headers=[("X-Step", "fetch")], cseq=2))
    bob.expect(200)
