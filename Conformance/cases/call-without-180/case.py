from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob, ring=False)
    hang_up(t, call.caller, bob)
