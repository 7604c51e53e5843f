STEPS = 4


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in range(1, STEPS + 1):
        bob.note(f"step {step}")
        alice.note(f"step {step}")
        alice.send(alice.request(
            "MESSAGE", f"sip:own@127.0.0.1:{t.port}",
            headers=[("X-Step", str(step)), ("X-Bob", f"sip:127.0.0.1:{bob.port}")]))
        received = bob.receive(timeout=2)
        t.check(received is not None, f"step {step} forwarded")
        bob.reply(received, 200, "OK")
        alice.expect(200)
