NAMES = True


def run(t):
    alice, one, two = (t.phone(name) for name in ("alice", "one", "two"))
    t.names.add("host.answer.test", "A", "127.0.0.1")
    t.names.add("_sip._udp.answer.test", "SRV", 10, 10, one.port, "host.answer.test")
    t.names.add("_sip._udp.answer.test", "SRV", 20, 10, two.port, "host.answer.test")
    invite = alice.invite("sip:user@answer.test")
    alice.expect(100)
    one.expect("INVITE")
    second = two.expect("INVITE")
    two.reply(second, 486, "Busy Here")
    two.expect("ACK")
    final = alice.receive()
    t.check(final.status in (408, 486), "a failure")
    alice.ack_failure(invite, final)
