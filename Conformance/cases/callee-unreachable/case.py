def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register("<sip:bob@127.0.0.1:23398;transport=tcp>")
    invite = alice.invite(bob)
    final = alice.receive()
    while final is not None and final.status < 200:
        final = alice.receive()
    t.check(final is not None and final.status >= 400, "a failure")
    alice.ack_failure(invite, final)
    t.allow_unclaimed = True
