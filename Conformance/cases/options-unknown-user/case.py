VARIANTS = ("udp", "tcp")


def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("OPTIONS", f"sip:nobody@127.0.0.1:{t.port}"))
    t.equal(alice.expect(404).reason, "Not Found", "reason")
