NAMES = True


def run(t):
    alice, one, two = (t.phone(name) for name in ("alice", "one", "two"))
    t.names.add("host.busy.test", "A", "127.0.0.1")
    t.names.add("_sip._udp.busy.test", "SRV", 10, 10, one.port, "host.busy.test")
    t.names.add("_sip._udp.busy.test", "SRV", 20, 10, two.port, "host.busy.test")
    for status, reason in ((486, "Busy Here"), (404, "Not Found")):
        invite = alice.invite("sip:user@busy.test")
        alice.expect(100)
        first = one.expect("INVITE")
        one.reply(first, 503, "Service Unavailable")
        one.expect("ACK")
        second = two.expect("INVITE")
        t.check(first["Via"] != second["Via"], "another branch")
        two.reply(second, status, reason)
        two.expect("ACK")
        alice.ack_failure(invite, alice.expect(status))
