VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Port", str(bob.port))]))
    reply = alice.receive()
    t.check(reply is not None and reply.status >= 400, "a failure reply")
    alice.wait(lambda: alice.inbox, 0.2)
    alice.inbox.clear()
    t.equal(len(bob.connections), 0, "connections to bob")
