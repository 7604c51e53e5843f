def run(t):
    alice = t.phone("alice")
    invite = alice.invite(f"sip:nobody@127.0.0.1:{t.port}")
    reply = alice.receive()
    if reply.status == 100:
        reply = alice.receive()
    t.equal((reply.status, reply.reason), (404, "Not Found"), "reply")
    alice.expect_copies(reply, 3)
    alice.ack_failure(invite, reply)
    alice.fence()
    count = alice.copies_of(reply)
    t.check(not alice.wait(lambda: alice.copies_of(reply) > count, 0.2), "no copy after the ACK")
