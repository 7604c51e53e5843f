def run(t):
    alice = t.phone("alice")
    for _ in range(2):
        alice.send(alice.request("MESSAGE", f"sip:u@127.0.0.1:{t.port}"))
        alice.expect(200)
