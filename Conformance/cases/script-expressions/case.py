def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:a@127.0.0.1:{t.port}"))
    reply = alice.expect(200)
    t.equal(reply["X-00"], "7", "1 + 2 * 3")
    t.equal(reply["X-W"], "1,3,", "while with continue and break")
