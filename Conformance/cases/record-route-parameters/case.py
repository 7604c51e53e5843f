from harness.flows import establish, within_dialog


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    call = establish(t, alice, bob, invite=alice.invite(bob.contact))
    t.check(";own=yes" in call.received["Record-Route"], "own parameter")
    within_dialog(t, call.caller, bob, "INFO")
    within_dialog(t, call.callee, alice, "INFO")
    within_dialog(t, call.caller, bob, "BYE")
