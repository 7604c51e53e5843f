VARIANTS = ("udp", "tcp")


def run(t):
    alice = t.phone("alice")
    for method in ("INVITE", "MESSAGE", "OPTIONS", "SUBSCRIBE", "PUBLISH", "FOO"):
        request = alice.send(alice.request(method, "sip:carol@elsewhere.example"))
        reply = alice.expect(403)
        t.equal(reply.reason, "Not relaying", "reason")
        if method == "INVITE":
            alice.ack_failure(request, reply)
            alice.expect_silence()
