def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    here = f"sip:127.0.0.1:{t.port}"
    for routes in ([f"<{here};lr>"], [f"<{here};lr=on>"], [f"<{here}>"], [f"<{here};lr>", "<sip:other.example;lr>"],
                   [f"<{here};lr>, <sip:other.example;lr>"], ["<sip:other.example;lr>"]):
        alice.send(alice.request("MESSAGE", bob.aor, routes=routes))
        received = bob.expect("MESSAGE")
        t.check(not received.has("Route"), "Route removed")
        bob.reply(received, 200, "OK")
        alice.expect(200)
