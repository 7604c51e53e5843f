STEPS = 35


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in range(1, STEPS + 1):
        bob.note(f"step {step}")
        alice.note(f"step {step}")
        alice.send(alice.request(
            "MESSAGE", f"sip:user-{step}@127.0.0.1:{t.port};x=y", body="own body text", content_type="text/plain",
            headers=[
                ("X-Step", str(step)), ("X-Bob", f"sip:127.0.0.1:{bob.port}"), ("X-Del", "1"), ("X-Keep", "a b c"),
                ("X-Del", "2"), ("Subject", "own subject"), ("X-T", 'a;p=1;q="two", b;p=2'), ("X-T", "c"),
                ("X-V", "one, two , three"), ("Supported", "path,gruu"), ("X-One", "x"),
                ("X-Auth", 'Digest username="u", realm="r", nonce=n, uri="sip:x"')]))
        received = bob.receive(timeout=2)
        t.check(received is not None, f"step {step} forwarded")
        bob.reply(received, 200, "OK", headers=[("X-Del", "3")])
        alice.expect(200)
