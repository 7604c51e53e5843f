def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-1", one.contact), ("X-2", two.contact)]
    from harness.agent import hop_by_hop
    for case in ("on", "off", "alias", "answer", "decline"):
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-Case", case), *targets])
        alice.expect(100)
        at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
        one.note(case)
        for phone, received in ((one, at_one), (two, at_two)):
            phone.reply(received, 180, "Ringing")
            alice.expect(180)
        if case == "answer":
            one.reply(at_one, 200, "OK")
            alice.expect(200)
        elif case == "decline":
            one.reply(at_one, 603, "Decline")
            one.expect("ACK")
        else:
            cancel = hop_by_hop(invite, "CANCEL", invite["To"])
            cancel.add("Reason", 'SIP;cause=200;text="Call completed elsewhere"')
            cancel.add("Reason", "Q.850;cause=16")
            cancel.add("X-Own", "kept")
            alice.send(cancel)
            alice.expect(200)
            one.reply(one.expect("CANCEL"), 200, "OK")
            one.reply(at_one, 487, "Request Terminated")
            one.expect("ACK")
        two.reply(two.expect("CANCEL"), 200, "OK")
        two.reply(at_two, 487, "Request Terminated")
        two.expect("ACK")
        if case != "answer":
            alice.ack_failure(invite, alice.receive())
