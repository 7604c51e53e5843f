def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    reply = alice.expect(200)
    t.equal(reply["X-Number"], "42", "define used as a number")
