VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    target = str(bob.port + 100)
    named = bob.via().replace(f":{bob.port};", f":{target};").replace(";rport", ";alias")
    bob.send(bob.request("OPTIONS", f"sip:hello@127.0.0.1:{t.port}").set("Via", named))
    bob.expect(200)
    alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Port", target)]))
    received = bob.expect("MESSAGE")
    bob.reply(received, 200, "OK")
    alice.expect(200)
