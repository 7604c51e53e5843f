def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", headers=[("X-Own", "one")]))
    reply = alice.expect(200)
    t.equal(reply.get("X-Read"), "two", "what the script reads")
    t.equal(reply.get("X-Sent"), "four", "what the phone gets")
