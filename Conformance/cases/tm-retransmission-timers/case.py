def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for method in ("INVITE", "MESSAGE"):
        request = alice.send(alice.request(method, bob.contact))
        if method == "INVITE":
            alice.expect(100)
        received = bob.expect(method)
        bob.expect_copies(received, 5, timeout=2.0)
        bob.reply(received, 480, "Own")
        if method == "INVITE":
            bob.expect("ACK")
        final = alice.expect(480)
        if method == "INVITE":
            alice.expect_copies(final, 3, timeout=1.0)
            alice.ack_failure(request, final)
