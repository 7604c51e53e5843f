VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    connection = bob.connect()
    bob.send(bob.request("OPTIONS"), over=connection)
    bob.expect(200)
    source = connection.sock.getsockname()[1]
    alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Port", str(source))]))
    received = bob.expect("MESSAGE")
    bob.reply(received, 200, "OK")
    alice.expect(200)
