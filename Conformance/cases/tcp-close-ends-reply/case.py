VARIANTS = ("tcp",)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    connection = alice.connect()
    alice.send(alice.request("MESSAGE", bob.aor), over=connection)
    received = bob.expect("MESSAGE")
    connection.sock.close()
    alice.connections.remove(connection)
    alice.fence()
    bob.reply(received, 200, "OK")
    bob.fence()
    alice.expect_silence()
