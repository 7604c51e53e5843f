def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for flags in ("0x01", "0x03", "0x05", "0x00"):
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact), ("X-Case", flags)])
        alice.note(flags)
        received = one.expect("INVITE")
        alice.wait(lambda: alice.inbox, 0.1)
        one.reply(received, 486, "Busy Here")
        one.expect("ACK")
        final = alice.receive()
        if final.status == 100:
            final = alice.receive()
        alice.ack_failure(invite, final)
