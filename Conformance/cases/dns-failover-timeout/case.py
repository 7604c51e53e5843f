NAMES = True


def run(t):
    alice, one, two = (t.phone(name) for name in ("alice", "one", "two"))
    t.names.add("host.mute.test", "A", "127.0.0.1")
    t.names.add("_sip._udp.mute.test", "SRV", 10, 10, one.port, "host.mute.test")
    t.names.add("_sip._udp.mute.test", "SRV", 20, 10, two.port, "host.mute.test")
    invite = alice.invite("sip:user@mute.test")
    alice.expect(100)
    one.expect("INVITE")
    two.expect("INVITE")
    alice.ack_failure(invite, alice.expect(480))
