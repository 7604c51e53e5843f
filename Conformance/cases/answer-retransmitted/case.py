from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob)
    bob.send(call.answer)
    alice.expect_copies(call.ok, 2)
    alice.send(call.caller.build("ACK"))
    bob.expect("ACK")
    hang_up(t, call.caller, bob)
