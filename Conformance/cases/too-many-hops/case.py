VARIANTS = ("udp", "tcp")


def run(t):
    alice = t.phone("alice")
    for method in ("OPTIONS", "INVITE", "REGISTER", "MESSAGE"):
        request = alice.send(alice.request(method, max_forwards=0))
        reply = alice.expect(483)
        t.equal(reply.reason, "Too Many Hops", "reason")
        if method == "INVITE":
            alice.ack_failure(request, reply)
