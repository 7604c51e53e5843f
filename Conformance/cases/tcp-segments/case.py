VARIANTS = ("tcp", "tcp6")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    data = alice.request("OPTIONS").encode() + alice.request("OPTIONS").encode()
    alice.send(data)
    alice.expect(200)
    alice.expect(200)
    for size in (1, 7, 100):
        request = alice.request("MESSAGE", bob.aor, body="own body\r\n\r\nOPTIONS", content_type="text/plain")
        data = request.encode()
        for at in range(0, len(data), size):
            alice.send(data[at:at + size])
        received = bob.expect("MESSAGE")
        t.equal(received.body, request.body, "body")
        bob.reply(received, 200, "OK")
        alice.expect(200)
    first = alice.request("OPTIONS").encode()
    second = alice.request("MESSAGE", bob.aor, body="x" * 3000).encode()
    alice.send(first + second[:50])
    alice.expect(200)
    alice.send(second[50:] + first.replace(b"branch=z9hG4bKown-", b"branch=z9hG4bKown-again-"))
    received = bob.expect("MESSAGE")
    t.equal(len(received.body), 3000, "body length")
    bob.reply(received, 200, "OK")
    t.equal({alice.expect(200).method, alice.expect(200).method}, {"MESSAGE", "OPTIONS"}, "both answered")
