STEPS = 8


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in range(1, STEPS + 1):
        bob.note(f"step {step}")
        alice.note(f"step {step}")
        alice.send(alice.request(
            "MESSAGE", f"sip:user-{step}@127.0.0.1:{t.port};x=y", body="own body text", content_type="text/plain",
            headers=[
                ("X-Step", str(step)), ("X-Bob", f"sip:127.0.0.1:{bob.port}"),
                ("Contact", '"A" <sip:own:pw@10.0.0.1:5062;transport=tcp;ob>;expires=60, <sip:own2@10.0.0.2>'),
                ("Date", "Sat, 13 Nov 2010 23:29:00 GMT"),
                ("P-Charging-Vector", "icid-value=own;icid-generated-at=1.2.3.4;orig-ioi=o;term-ioi=t")]))
        received = bob.receive(timeout=2)
        t.check(received is not None, f"step {step} forwarded")
        bob.reply(received, 200, "OK")
        alice.expect(200)
