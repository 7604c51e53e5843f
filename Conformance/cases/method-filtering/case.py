def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.send(bob.register_request(
        f"<{bob.contact}>", expires=600, headers=[("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS")]))
    bob.expect(200)
    alice.send(alice.request("MESSAGE", bob.aor))
    t.equal(alice.expect(405).reason, "Method Not Allowed", "reason")
    alice.send(alice.request("OPTIONS", bob.aor))
    bob.reply(bob.expect("OPTIONS"), 200, "OK")
    alice.expect(200)
