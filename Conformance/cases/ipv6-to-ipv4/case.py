from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice", family=6), t.phone("bob", family=4)
    bob.register()
    call = establish(t, alice, bob, invite=alice.invite(f"sip:{bob.user}@[::1]:{t.port}"))
    t.check(call.received["Via"].startswith("SIP/2.0/UDP 127.0.0.1:"), "Via of the server")
    hang_up(t, call.caller, bob)
