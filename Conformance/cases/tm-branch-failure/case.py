def run(t):
    alice, phones = t.phone("alice"), [t.phone(name) for name in ("one", "two", "three")]
    one, two, three = phones
    targets = [(f"X-{index}", phone.contact) for index, phone in enumerate(phones, 1)]
    for first, last in ((430, 486), (431, 486), (404, None), (430, 430), (430, 200)):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=targets))
        at_one, at_two = one.expect("MESSAGE"), two.expect("MESSAGE")
        one.reply(at_one, first, "Own Failure")
        if last:
            at_three = three.expect("MESSAGE")
            alice.expect_silence()
            if last != 200:
                two.reply(at_two, 480, "Away")
                alice.expect_silence()
            three.reply(at_three, last, "Own Last")
            if last == 430:
                three.reply(three.expect("MESSAGE"), 408, "Own Last")
        else:
            three.expect_silence()
            two.reply(at_two, 480, "Away")
        if two.wait(lambda: two.inbox, 0.1):
            two.receive()
        alice.receive()
        alice.note(f"{first} {last}")
        if last == 200:
            two.reply(at_two, 480, "Away")
