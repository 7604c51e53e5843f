from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    request = bob.register_request(f"<{bob.contact}>", expires=600)
    for long, short in (("Via", "v"), ("From", "f"), ("To", "t"), ("Call-ID", "i"), ("Contact", "m"),
                        ("Content-Length", "l")):
        request.rename(long, short)
    bob.send(request)
    t.check(bob.expect(200).has("Contact"), "bound")
    invite = alice.request("INVITE", bob.aor, body="own", headers=[("k", "timer"), ("s", "own subject")])
    for long, short in (("Via", "v"), ("From", "F"), ("To", "t"), ("Call-ID", "I"), ("Contact", "m"),
                        ("Content-Length", "l"), ("Content-Type", "c"), ("CSeq", "cSEQ"),
                        ("Max-Forwards", "MAX-FORWARDS")):
        invite.rename(long, short)
    alice.send(invite)
    call = establish(t, alice, bob, invite=invite)
    t.equal(call.received["s"], "own subject", "compact name kept")
    hang_up(t, call.caller, bob)
