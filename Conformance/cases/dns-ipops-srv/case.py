NAMES = True


def run(t):
    alice = t.phone("alice")
    t.names.add("_sip._udp.query.test", "SRV", 20, 5, 5062, "b.query.test")
    t.names.add("_sip._udp.query.test", "SRV", 10, 7, 5061, "a.query.test")
    alice.send(alice.request("MESSAGE", f"sip:127.0.0.1:{t.port}", body="own", content_type="text/plain"))
    alice.expect(200)
