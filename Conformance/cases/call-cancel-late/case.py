from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob)
    alice.cancel(call.invite)
    alice.fence()
    if alice.inbox:
        t.check(alice.receive().status in (200, 481), "200 or 481")
    bob.expect_silence()
    hang_up(t, call.caller, bob)
