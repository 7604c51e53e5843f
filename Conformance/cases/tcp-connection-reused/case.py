from harness.flows import establish, hang_up

VARIANTS = ("tcp", "tcp6")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    port = bob.connection().sock.getsockname()[1]
    contact = f"sip:{bob.user}@{bob.host_text}:{port};transport=tcp"
    bob.register(f"<{contact}>")
    invite = alice.invite(bob)
    alice.expect(100)
    received = bob.expect("INVITE")
    t.equal(received.uri, contact, "Request-URI")
    t.check(received.link is bob.connections[0], "on the connection of the REGISTER")
    bob.reply(received, 486, "Busy Here")
    bob.expect("ACK")
    alice.ack_failure(invite, alice.expect(486))
