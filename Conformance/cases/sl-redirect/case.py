def run(t):
    alice = t.phone("alice")
    for code in ("300", "301", "302", "380", "399", "404"):
        for step in ("none", "ruri", "branches", "q", "flags", "path", "du"):
            alice.note(f"{code} {step}")
            alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}",
                                     headers=[("X-Code", code), ("X-Step", step)]))
            alice.receive()
