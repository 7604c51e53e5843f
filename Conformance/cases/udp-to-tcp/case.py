from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice", "udp"), t.phone("bob", "tcp")
    bob.register()
    call = establish(t, alice, bob)
    t.equal(len(call.received.all("Record-Route")), 2, "Record-Routes")
    t.check(call.received["Via"].startswith("SIP/2.0/TCP "), "Via of the server")
    hang_up(t, call.caller, bob)
    call = establish(t, alice, bob)
    hang_up(t, call.callee, alice)
