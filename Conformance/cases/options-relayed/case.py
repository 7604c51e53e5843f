VARIANTS = ("udp", "tcp")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    alice.send(alice.request("OPTIONS", bob.aor))
    received = bob.expect("OPTIONS")
    t.check(not received.has("Record-Route"), "no Record-Route")
    bob.reply(received, 200, "OK", headers=[("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS")])
    t.equal(alice.expect(200)["Allow"], "INVITE, ACK, BYE, CANCEL, OPTIONS", "Allow")
