VARIANTS = ("tcp",)


def run(t):
    alice = t.phone("alice")
    connection = alice.connect()
    alice.send(b"\r\n\r\n", over=connection)
    alice.expect_pong(connection)
    alice.send(b"\r\n" + alice.request("OPTIONS").encode(), over=connection)
    alice.expect(200)
