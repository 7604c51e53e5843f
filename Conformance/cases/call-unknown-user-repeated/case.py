def run(t):
    alice = t.phone("alice")
    invite = alice.invite(f"sip:nobody@127.0.0.1:{t.port}")
    reply = alice.expect(404)
    alice.send(invite)
    alice.expect_copies(reply, 2, timeout=0.45)
    alice.ack_failure(invite, reply)
    alice.expect_silence()
