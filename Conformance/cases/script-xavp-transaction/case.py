def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    alice.send(alice.request(
        "MESSAGE", f"sip:user@127.0.0.1:{t.port}", headers=[("X-Bob", f"sip:127.0.0.1:{bob.port}")]))
    first = bob.expect("MESSAGE")
    bob.reply(first, 486, "Busy Here")
    second = bob.expect("MESSAGE")
    bob.reply(second, 200, "OK")
    alice.expect(200)
