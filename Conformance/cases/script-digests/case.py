def run(t):
    alice = t.phone("alice")
    alice.send(alice.request(
        "MESSAGE", f"sip:bob@127.0.0.1:{t.port}", body="own body text", content_type="text/plain"))
    alice.expect(200)
