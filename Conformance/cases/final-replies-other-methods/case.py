def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for code in (200, 202, 299, 302, 404, 486, 503, 603):
        alice.send(alice.request("MESSAGE", bob.aor, body="hello", content_type="text/plain"))
        received = bob.expect("MESSAGE")
        t.equal(received.body, b"hello", "body")
        bob.reply(received, code, "Own")
        alice.expect(500 if code == 503 else code)
