def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("plain", "on"):
        alice.note(case)
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact), ("X-Case", case)])
        received = one.expect("INVITE")
        one.reply(received, 486, "Busy Here")
        one.expect("ACK")
        final = alice.receive()
        if final.status == 100:
            final = alice.receive()
        alice.ack_failure(invite, final)
