def run(t):
    alice = t.phone("alice")
    for step in range(1, 13):
        alice.note(f"step {step}")
        invite = alice.request("INVITE", f"sip:a@127.0.0.1:{t.port}", headers=[("X-Step", str(step))])
        alice.send(invite)
        final = alice.receive(timeout=1)
        while final is not None and final.status < 200:
            final = alice.receive(timeout=1)
        if final is not None and final.status >= 300:
            alice.ack_failure(invite, final)
        alice.fence()
        alice.inbox.clear()
