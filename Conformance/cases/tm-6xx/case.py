def run(t):
    alice, phones = t.phone("alice"), [t.phone(name) for name in ("one", "two", "three")]
    one, two, three = phones
    targets = [(f"X-{index}", phone.contact) for index, phone in enumerate(phones, 1)]
    for case in ("on", "off", "answer", "more"):
        mode = "off" if case == "answer" else case
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-Case", mode), *targets])
        alice.expect(100)
        at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
        two.reply(at_two, 180, "Ringing")
        alice.expect(180)
        one.reply(at_one, 603, "Decline")
        one.expect("ACK")
        if mode != "off":
            two.reply(two.expect("CANCEL"), 200, "OK")
            two.reply(at_two, 487, "Request Terminated")
            two.expect("ACK")
        elif case == "off":
            two.expect_silence()
            two.reply(at_two, 486, "Busy Here")
            two.expect("ACK")
        else:
            two.reply(at_two, 200, "OK")
            alice.expect(200)
            continue
        if three.wait(lambda: three.inbox, 0.1):
            three.reply(three.expect("INVITE"), 404, "Own")
            three.expect("ACK")
        alice.ack_failure(invite, alice.receive())
        alice.note(case)
