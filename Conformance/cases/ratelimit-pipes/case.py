def run(t):
    alice = t.phone("alice")
    control = t.control()

    def check(method, pipe=None):
        alice.note(f"{method} {pipe}")
        headers = [("X-Pipe", str(pipe))] if pipe is not None else []
        alice.send(alice.request(method, f"sip:own@127.0.0.1:{t.port}", headers=headers))
        alice.expect(200)

    for method in ("MESSAGE", "INFO", "PUBLISH"):
        check(method)
    # Not 3: before the first measurement NETWORK ends the script in 5.6.3.
    for pipe in (1, 2, 4, 5, 40):
        check("PUBLISH", pipe)
    for words in (
            ("rl.get_queues",), ("rl.get_pid",), ("rl.set_pipe", 5, "TAILDROP", 1),
            ("rl.set_pipe", 5, "own", 1), ("rl.set_pipe", 99, "RED", 1), ("rl.set_queue", 1, "PUBLISH", 5),
            ("rl.set_queue", 3, "INFO", 1), ("rl.set_queue", 0, "INFO", 50), ("rl.get_queues",), ("rl.stats",)):
        alice.note(f"{words}: {control.call(*words)}")
    check("PUBLISH")
    check("SUBSCRIBE")
