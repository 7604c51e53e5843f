CODES = ((404, 486, 500), (486, 404, 480), (500, 503, 404), (401, 404, 407), (302, 486, 480))


def run(t):
    alice, phones = t.phone("alice"), [t.phone(name) for name in ("one", "two", "three")]
    targets = [(f"X-{index}", phone.contact) for index, phone in enumerate(phones, 1)]
    for mode in ("default", "a", "l", "n", "plain"):
        for codes in CODES:
            alice.send(alice.request(
                "MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-Mode", mode), *targets]))
            for phone, code in zip(phones, codes):
                phone.reply(phone.expect("MESSAGE"), code, f"From {phone.name}")
            alice.receive()
            alice.note(f"{mode} {codes}")
