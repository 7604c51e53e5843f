def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for number, (who, q) in enumerate((("one", "0.9"), ("two", "0.5"), ("three", "0.1"))):
        request = bob.register_request(
            f"<sip:{who}@127.0.0.1:{bob.port}>;q={q}", expires=600, cseq=number + 1, headers=[("X-Who", who)])
        bob.send(request)
        bob.expect(200)
    alice.send(alice.request("MESSAGE", bob.aor))
    alice.expect(200)
