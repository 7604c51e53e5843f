def run(t):
    bob, carol = t.phone("bob"), t.phone("carol")
    request = bob.register_request(f"<{bob.contact}>", expires=600)
    request.start = f"REGISTER {bob.aor} SIP/2.0"
    bob.send(request)
    t.check(bob.receive() is not None, "an answer")
    request = carol.register_request(f"<{carol.contact}>", expires=600)
    carol.send(request.set("To", f"<sip:{carol.user}@elsewhere.example>"))
    t.check(carol.receive() is not None, "an answer")
    carol.send(carol.register_request(cseq=2))
    t.check(carol.receive() is not None, "an answer")
