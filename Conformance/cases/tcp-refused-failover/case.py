VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    dead = str(bob.port + 100)
    alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Port", dead)]))
    alice.expect(477)
    alice.send(
        alice.request("MESSAGE", f"sip:y@127.0.0.1:{t.port}", headers=[("X-Port", dead), ("X-Next", str(bob.port))]))
    received = bob.receive(1.0)
    if received:
        bob.reply(received, 200, "OK")
    reply = alice.receive(1.0)
    alice.note(f"answered {reply.status}" if reply else "no answer")
