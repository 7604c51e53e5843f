from harness.flows import talk_under_own_names


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    received, ok, info, bye = talk_under_own_names(t, alice, bob, "x")
    t.check("vsf" not in received["Record-Route"], "nothing is kept")
    t.check("<sip:new@own.example>" in ok["From"], "nothing comes back")
