from harness.flows import talk_under_own_names


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for user in ("uri", "both", "display", "parties"):
        received, ok, info, bye = talk_under_own_names(t, alice, bob, user)
        if user == "display":
            continue
        t.check("<sip:newto@own.example>" in received["To"], "the callee sees another To")
        t.check(ok["To"].startswith("<sip:bob@own.example>;tag="), "the caller sees its own")
        t.check("<sip:bob@own.example>" in info["From"], "restored in a request of the callee")
        t.check("<sip:newto@own.example>" in bye["To"], "replaced in a request of the caller")
