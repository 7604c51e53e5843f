from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def of(name, value):
        return a.request("MESSAGE", uri).set(name, value)

    table(t, a, [
        ("From without tag", of("From", "<sip:a@example.com>"), 404),
        ("From with an empty tag", of("From", "<sip:a@example.com>;tag="), 404),
        ("From not closed", of("From", "<sip:a@example.com;tag=own"), 400),
        ("From quote not closed", of("From", '"A <sip:a@example.com>;tag=own'), 400),
        ("From empty", of("From", ""), 400),
        ("From garbage", of("From", "garbage"), 400),
        ("From without brackets", of("From", "sip:a@example.com;tag=own"), 404),
        ("From of unknown scheme", of("From", "<own:a@example.com>;tag=own"), 400),
        ("From tel", of("From", "<tel:+1201>;tag=own"), 404),
        ("From with two tags", of("From", "<sip:a@example.com>;tag=own1;tag=own2"), 404),
        ("From twice", of("From", "<sip:a@example.com>;tag=own").add("From", "<sip:b@example.com>;tag=own2"), None),
        ("From with two values", of("From", "<sip:a@example.com>;tag=own, <sip:b@example.com>;tag=own2"), 400),
        ("From name with bytes above 127", of("From", 'J\xfcrgen <sip:a@example.com>;tag=own'), 404),
        ("From name with escaped quote", of("From", '"A \\"B\\" <x>" <sip:a@example.com>;tag=own'), 404),
        ("To empty", of("To", ""), None),
        ("To garbage", of("To", "garbage"), 400),
        ("To not closed", of("To", "<sip:a@example.com"), None),
        ("To quote not closed", of("To", '"A <sip:a@example.com>'), None),
        ("To without brackets", of("To", "sip:a@example.com"), 404),
        ("To of unknown scheme", of("To", "<own:a@example.com>"), 400),
        ("To with an empty tag", of("To", "<sip:a@example.com>;tag="), 404),
        ("To with a star", of("To", "*"), 400),
        ("To twice", of("To", "<sip:a@example.com>").add("To", "<sip:b@example.com>"), None),
        ("Call-ID empty", of("Call-ID", ""), 404),
        ("Call-ID with spaces", of("Call-ID", f"own-{t.slug} a b"), 404),
        ("Call-ID of 2000 characters", of("Call-ID", f"own-{t.slug}" + "x" * 2000), 404),
        ("Call-ID twice", of("Call-ID", f"own-{t.slug}-1").add("Call-ID", f"own-{t.slug}-2"), None),
    ])
