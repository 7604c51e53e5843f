def run(t):
    alice, one, two, three = (t.phone(name) for name in ("alice", "one", "two", "three"))
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[
        ("X-One", one.contact), ("X-Two", two.contact), ("X-Three", three.contact)])
    alice.expect(100)
    at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
    one.reply(at_one, 404, "One")
    one.expect("ACK")
    alice.expect_silence()
    two.reply(at_two, 486, "Two")
    two.expect("ACK")
    final = alice.receive()
    alice.ack_failure(invite, final)
    three.expect_silence()
