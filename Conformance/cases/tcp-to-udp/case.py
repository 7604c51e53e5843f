from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice", "tcp"), t.phone("bob", "udp")
    bob.register()
    call = establish(t, alice, bob)
    t.check(call.received["Via"].startswith("SIP/2.0/UDP "), "Via of the server")
    hang_up(t, call.caller, bob)
    call = establish(t, alice, bob)
    hang_up(t, call.callee, alice)
