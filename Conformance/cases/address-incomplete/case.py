def run(t):
    alice = t.phone("alice")
    invite = alice.send(alice.request("INVITE"))
    reply = alice.expect(484)
    t.equal(reply.reason, "Address Incomplete", "reason")
    alice.ack_failure(invite, reply)
    alice.send(alice.request("MESSAGE"))
    alice.expect(484)
