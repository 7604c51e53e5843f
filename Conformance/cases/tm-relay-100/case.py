def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
    received = one.expect("INVITE")
    one.reply(received, 100, "Own Trying")
    alice.expect(100)
    one.reply(received, 486, "Busy Here")
    one.expect("ACK")
    alice.ack_failure(invite, alice.expect(486))
