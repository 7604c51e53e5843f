from harness.malformed import table


def run(t):
    alice = t.phone("alice")
    rows = []
    for uri, wanted in (("tel:+1-201-555-0123", 403), ("tel:911;phone-context=+1", 403),
                        ("tel:7042;phone-context=example.com", 403), ("urn:service:sos", 403),
                        ("http://example.com/", 400), ("mailto:own@example.com", 400), ("foo:bar", 400),
                        ("sipx:a@127.0.0.1", 400), ("*", 400), ("bob", 400), ("127.0.0.1", 400)):
        rows.append((uri, alice.request("MESSAGE", uri, to="<sip:own@example.com>"), wanted))
    table(t, alice, rows)
