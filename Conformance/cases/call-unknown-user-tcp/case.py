VARIANTS = ("tcp", "tcp6")


def run(t):
    alice = t.phone("alice")
    invite = alice.invite(f"sip:nobody@{t.host_text}:{t.port}")
    reply = alice.expect(404)
    t.check(not alice.wait(lambda: alice.copies_of(reply) > 1, 0.7), "one copy")
    alice.ack_failure(invite, reply)
