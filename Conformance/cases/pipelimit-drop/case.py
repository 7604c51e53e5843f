def run(t):
    alice = t.phone("alice")
    for kind in ("none", "one", "same", "turned", "transaction"):
        alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", headers=[("X-Kind", kind)]))
        alice.expect(505)
    sent = alice.invite(f"sip:own@127.0.0.1:{t.port}")
    alice.ack_failure(sent, alice.expect(505))
    alice.fence()
