VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    connection = bob.connect()
    bob.send(bob.request("OPTIONS"), over=connection)
    bob.expect(200)
    port = connection.sock.getsockname()[1]
    alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Port", str(port))]))
    received = bob.expect("MESSAGE")
    t.check(received.link is connection, "over the connection that bob opened")
    bob.reply(received, 200, "OK")
    alice.expect(200)
