def run(t):
    alice, phones = t.phone("alice"), [t.phone(name) for name in ("one", "two", "three")]
    targets = [(f"X-{index}", phone.contact) for index, phone in enumerate(phones, 1)]
    for case in ("all", "drop"):
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-Case", case), *targets])
        alice.expect(100)
        received = [phone.expect("INVITE") for phone in phones[:2 if case == "drop" else 3]]
        for phone, request in zip(phones, received):
            phone.reply(request, 183, f"From {phone.name}")
            alice.expect(183)
        for phone, request in zip(phones, received):
            phone.reply(request, 486, f"From {phone.name}")
            phone.expect("ACK")
        alice.ack_failure(invite, alice.receive())
    phones[2].expect_silence()
