from harness.malformed import table


def run(t):
    a = t.phone("alice")

    def contact(value, **options):
        return a.register_request(value, call_id=t.new_call_id(), **options)

    table(t, a, [
        ("Contact empty", contact(""), (400, 500)),
        ("Contact <>", contact("<>"), (400, 500)),
        ("Contact garbage", contact("garbage"), (400, 500)),
        ("Contact not closed", contact("<sip:a@example.com"), (400, 500)),
        ("Contact quote not closed", contact('"A <sip:a@example.com>'), (400, 500)),
        ("Contact of unknown scheme", contact("<own:a@example.com>"), 200),
        ("Contact tel", contact("<tel:+1201>"), 200),
        ("Contact mailto", contact("<mailto:a@example.com>"), 200),
        ("Contact sip:", contact("<sip:>"), 200),
        ("Contact without user", contact("<sip:example.com>"), 200),
        ("Contact of 300 characters", contact(f"<sip:{'a' * 290}@example.com>"), 200),
        ("Contact comma at the end", contact("<sip:b@example.com>,"), (400, 500)),
        ("second Contact broken", contact("<sip:c@example.com>, garbage"), (400, 500)),
        ("q empty", contact("<sip:d@example.com>;q="), 200),
        ("q of letters", contact("<sip:d@example.com>;q=high"), (400, 500)),
        ("q negative", contact("<sip:d@example.com>;q=-1"), (400, 500)),
        ("expires empty", contact("<sip:e@example.com>;expires="), 200),
        ("expires negative", contact("<sip:e@example.com>;expires=-10"), 200),
        ("Expires empty", contact("<sip:e@example.com>", expires=""), 400),
        ("Expires negative", contact("<sip:e@example.com>", expires="-10"), 400),
        ("Expires 0 without binding", contact("<sip:f@example.com>", expires="0"), 200),
        ("Expires twice", contact("<sip:g@example.com>", expires="60").add("Expires", "120"), 200),
        ("To without user", a.register_request("<sip:h@example.com>").set("To", f"<{t.server_uri}>"), 200),
        ("To tel", a.register_request("<sip:h@example.com>").set("To", "<tel:+1201>"), 200),
        ("To garbage", a.register_request("<sip:h@example.com>").set("To", "garbage"), 400),
        ("Path broken", contact("<sip:i@example.com>", headers=[("Supported", "path"), ("Path", "garbage")]),
         (400, 500)),
        ("To tag", a.register_request("<sip:j@example.com>").set("To", f"<{a.aor}>;tag=own"), 404),
    ])
