def run(t):
    alice = t.phone("alice")
    for step in ("none", "reply", "checked", "twice"):
        for change in ("good", "cseq", "expires", "ack"):
            method = "ACK" if change == "ack" else "MESSAGE"
            request = alice.request(method, f"sip:own@127.0.0.1:{t.port}", headers=[("X-Step", step)])
            if change in ("cseq", "ack"):
                request.set("CSeq", "1 INFO")
            if change == "expires":
                request.add("Expires", "own")
            alice.note(f"{step} {change}")
            alice.send(request)
            alice.fence()
            alice.inbox.clear()
