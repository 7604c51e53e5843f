def run(t):
    alice = t.phone("alice")
    for method, pipe in (
            ("MESSAGE", None), ("INFO", None), ("PUBLISH", None), ("SUBSCRIBE", None), ("NOTIFY", None), ("NOTIFY", 0),
            ("NOTIFY", 1), ("NOTIFY", 2), ("NOTIFY", 7), ("NOTIFY", 32)):
        alice.note(f"{method} {pipe}")
        headers = [("X-Pipe", str(pipe))] if pipe is not None else []
        alice.send(alice.request(method, f"sip:own@127.0.0.1:{t.port}", headers=headers))
        alice.expect(200)
