from harness.flows import establish, hang_up

VARIANTS = ("udp", "tcp", "udp6", "tcp6")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob)
    t.equal(call.received.uri, bob.contact, "Request-URI is the registered contact")
    t.equal(call.received.all("Record-Route"), call.ok.all("Record-Route"), "Record-Route seen by both")
    t.equal(call.ok.to_tag(), "own-bob-2", "the callee's tag")
    hang_up(t, call.caller, bob)
