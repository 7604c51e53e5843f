from harness.flows import establish, hang_up

VARIANTS = ("udp", "tcp")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob)
    received, reply = hang_up(t, call.callee, alice)
    t.equal(received["Max-Forwards"], "69", "Max-Forwards")
