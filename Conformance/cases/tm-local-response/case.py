def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("own", "relay"):
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-Case", case), ("X-1", one.contact)])
        if case == "relay":
            alice.expect(100)
            one.reply(one.expect("INVITE"), 486, "Own")
            one.expect("ACK")
        alice.ack_failure(invite, alice.receive())
