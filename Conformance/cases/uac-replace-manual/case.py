from harness.flows import talk_under_own_names


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    received, ok, info, bye = talk_under_own_names(t, alice, bob, "x")
    t.equal(ok["From"], '"Alice" <sip:alice@own.example>;tag=own-a', "the caller sees its own")
    t.check("<sip:new@own.example>" in info["To"], "not restored")
    t.check("<sip:alice@own.example>" in bye["From"], "not restored")
