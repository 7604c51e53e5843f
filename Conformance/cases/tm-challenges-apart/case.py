def run(t):
    alice, phones = t.phone("alice"), [t.phone(name) for name in ("one", "two", "three")]
    targets = [(f"X-{index}", phone.contact) for index, phone in enumerate(phones, 1)]
    for codes in ((401, 407, 401), (407, 486, 407), (404, 401, 407), (503, 407, 401)):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=targets))
        for phone, code in zip(phones, codes):
            name = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
            headers = [(name, f'Digest realm="{phone.name}", nonce="own"')] if code in (401, 407) else []
            phone.reply(phone.expect("MESSAGE"), code, "Own", headers=headers)
        alice.receive()
        alice.note(f"{codes}")
