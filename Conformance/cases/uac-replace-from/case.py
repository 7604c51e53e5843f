from harness.flows import talk_under_own_names


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for user in ("uri", "both", "display", "nameless", "longer", "branch"):
        received, ok, info, bye = talk_under_own_names(t, alice, bob, user)
        if user == "display":
            continue
        t.check("alice@own.example" not in received["From"], "the callee sees another From")
        t.equal(ok["From"], '"Alice" <sip:alice@own.example>;tag=own-a', "the caller sees its own")
        t.check("<sip:alice@own.example>" in info["To"], "restored in a request of the callee")
        t.check("alice@own.example" not in bye["From"], "replaced in a request of the caller")
