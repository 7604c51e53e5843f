def run(t):
    bob = t.phone("bob")
    bob.send(bob.register_request(
        '"Bob, at; home" <sip:bob@127.0.0.1:23391;transport=udp;ob>;expires=600;q=0.3;methods="INVITE,ACK"'
        ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1',
        headers=[("Supported", "path, outbound, gruu")]))
    t.check("transport=udp;ob" in bob.expect(200)["Contact"], "URI parameters kept")
    bob.send(bob.register_request("sip:bob@127.0.0.1:23392;expires=120", cseq=2))
    bob.expect(200)
