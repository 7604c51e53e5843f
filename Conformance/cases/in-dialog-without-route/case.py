def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for method in ("BYE", "INVITE", "INFO", "UPDATE", "NOTIFY"):
        request = alice.send(alice.request(method, bob.aor, to=f"<{bob.aor}>;tag=own-bob-2"))
        reply = alice.receive()
        t.check(reply is not None, "an answer")
        if method == "INVITE":
            alice.ack_failure(request, reply)
        t.equal((reply.status, reply.reason), (404, "Not here"), method)
    alice.send(alice.request("SUBSCRIBE", bob.aor, to=f"<{bob.aor}>;tag=own-bob-2"))
    alice.expect_silence()
    bob.expect_silence()
