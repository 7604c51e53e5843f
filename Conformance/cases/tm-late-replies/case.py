def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("rings", "refuses", "answers"):
        alice.note(case)
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
        alice.expect(100)
        received = one.expect("INVITE")
        refusal = alice.expect(408, timeout=3)
        if case == "rings":
            alice.ack_failure(invite, refusal)
            one.reply(received, 180, "Ringing")
            one.reply(one.expect("CANCEL"), 200, "OK")
            one.reply(received, 487, "Request Terminated")
            one.expect("ACK")
        if case == "refuses":
            alice.ack_failure(invite, refusal)
            one.reply(received, 486, "Busy Here")
            one.expect("ACK")
        if case == "answers":
            one.reply(received, 200, "OK")
            alice.expect(200)
            alice.ack_failure(invite, refusal)
            one.expect_silence()
