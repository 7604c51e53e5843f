STEPS = 23


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in range(1, STEPS + 1):
        bob.note(f"step {step}")
        alice.note(f"step {step}")
        alice.send(alice.request(
            "MESSAGE", f"sip:user-{step}@127.0.0.1:{t.port};x=y", body="own body text", content_type="text/plain",
            headers=[
                ("X-Step", str(step)), ("X-Bob", f"sip:127.0.0.1:{bob.port}"), ("X-Del", "1"), ("X-Keep", "a b c"),
                ("X-Del", "2"), ("Subject", "own subject")]))
        received = bob.receive(timeout=2)
        t.check(received is not None, f"step {step} forwarded")
        bob.reply(received, 200, "OK", headers=[("X-Del", "3")])
        alice.expect(200)
