def run(t):
    bob = t.phone("bob")
    one, two, three = (f"<sip:bob@127.0.0.1:{port}>" for port in (23391, 23392, 23393))
    for cseq, contact in enumerate((one, two, three), 1):
        bob.register(contact, cseq=cseq)
    bob.send(bob.register_request(one + ";expires=0", expires=600, cseq=4))
    left = bob.expect(200)
    t.check(one not in str(left.headers), "first gone")
    bob.send(bob.register_request(two, expires=0, cseq=5))
    left = bob.expect(200)
    t.check(two not in str(left.headers) and three in str(left.headers), "third stays")
