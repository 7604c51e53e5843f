def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-1", one.contact), ("X-2", two.contact)]
    for case in ("cancel", "answer"):
        alice.note(case)
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
        alice.expect(100)
        at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
        for phone, request in ((one, at_one), (two, at_two)):
            phone.reply(request, 180, "Ringing")
            alice.expect(180)
        if case == "cancel":
            alice.cancel(invite, headers=[("Reason", "Q.850;cause=16;text=own")])
            alice.expect(200)
            one.reply(one.expect("CANCEL"), 200, "OK")
            one.reply(at_one, 487, "Request Terminated")
            one.expect("ACK")
        else:
            one.reply(at_one, 200, "OK")
            alice.expect(200)
        two.reply(two.expect("CANCEL"), 200, "OK")
        two.reply(at_two, 487, "Request Terminated")
        two.expect("ACK")
        if case == "cancel":
            alice.ack_failure(invite, alice.expect(487))
