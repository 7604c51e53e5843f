VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    connection = alice.connect()
    alice.send(alice.request("MESSAGE", f"sip:reply@127.0.0.1:{t.port}"), over=connection)
    alice.expect(200)
    alice.expect_closed(connection)
    other = alice.connect()
    alice.send(
        alice.request("MESSAGE", f"sip:forward@127.0.0.1:{t.port}", headers=[("X-Port", str(bob.port))]), over=other)
    received = bob.expect("MESSAGE")
    bob.expect_closed(received.link)
    t.check(not other.is_closed, "the connection of the caller stays")
    # The reply comes over a connection of the callee's own.
    bob.send(bob.response(received, 200, "OK"), over=bob.connect())
    alice.expect(200)
