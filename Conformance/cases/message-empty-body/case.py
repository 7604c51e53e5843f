def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for request in (alice.request("MESSAGE", bob.aor),
                    alice.request("MESSAGE", bob.aor).remove("Content-Length"),
                    alice.request("MESSAGE", bob.aor, body="own " * 750).remove("Content-Length"),
                    alice.request("MESSAGE", bob.aor, body="own " * 750)):
        alice.send(request)
        received = bob.expect("MESSAGE")
        t.equal(received.body, request.body, "body")
        bob.reply(received, 200, "OK")
        alice.expect(200)
