from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice", family=4), t.phone("bob", family=6)
    bob.register()
    invite = alice.invite(f"sip:{bob.user}@127.0.0.1:{t.port}")
    call = establish(t, alice, bob, invite=invite)
    t.check(call.received["Via"].startswith("SIP/2.0/UDP [::1]:"), "Via of the server")
    hang_up(t, call.caller, bob)
    call = establish(t, alice, bob, invite=alice.invite(f"sip:{bob.user}@127.0.0.1:{t.port}"))
    hang_up(t, call.callee, alice)
