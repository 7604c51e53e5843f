STEPS = 7
PARTS = "\r\n".join([
    "--own1", "Content-Type: application/sdp", "", "v=0", "o=a", "--own1", "Content-Type: text/plain", "", "hello",
    "--own1--", ""])


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in range(1, STEPS + 1):
        bob.note(f"step {step}")
        alice.note(f"step {step}")
        single = step in (1, 7)
        alice.send(alice.request(
            "MESSAGE", f"sip:user-{step}@127.0.0.1:{t.port};x=y", body="own body text" if single else PARTS,
            content_type="text/plain" if single else "multipart/mixed;boundary=own1",
            headers=[("X-Step", str(step)), ("X-Bob", f"sip:127.0.0.1:{bob.port}"), ("MIME-Version", "1.0")]))
        received = bob.receive(timeout=2)
        t.check(received is not None, f"step {step} forwarded")
        bob.reply(received, 200, "OK")
        alice.expect(200)
