def run(t):
    alice, phones = t.phone("alice"), [t.phone(name) for name in ("one", "two", "three", "four")]
    one, two, three, four = phones
    targets = [(f"X-{index}", phone.contact) for index, phone in enumerate(phones, 1)]
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
    alice.expect(100)
    first = one.expect("INVITE")
    two.expect_silence()
    one.reply(first, 486, "Busy Here")
    one.expect("ACK")
    at_two, at_three = two.expect("INVITE"), three.expect("INVITE")
    four.expect_silence()
    two.reply(at_two, 486, "Busy Here")
    two.expect("ACK")
    three.reply(at_three, 404, "Not Found")
    three.expect("ACK")
    for _ in range(2):
        four.reply(four.expect("INVITE"), 486, "Busy Here")
        four.expect("ACK")
    alice.ack_failure(invite, alice.expect(480))
