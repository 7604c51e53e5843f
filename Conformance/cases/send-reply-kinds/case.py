def run(t):
    alice = t.phone("alice")
    for step in ("plain", "transaction", "sl", "mode", "error", "error-transaction", "twice", "code"):
        for method in ("INVITE", "MESSAGE"):
            alice.note(f"{step} {method}")
            sent = alice.send(alice.request(method, f"sip:own@127.0.0.1:{t.port}", headers=[("X-Step", step)]))
            replies = []
            alice.fence()
            while alice.inbox:
                replies.append(alice.receive())
            alice.send(sent)
            alice.fence()
            alice.inbox.clear()
            if method == "INVITE":
                finals = [reply for reply in replies if reply.status >= 300]
                if finals:
                    alice.ack_failure(sent, finals[-1])
                    alice.fence()
