VARIANTS = ("tcp",)


def run(t):
    alice = t.phone("alice")
    connection = alice.connect()
    alice.send(b"\r\n\r\n\r\n\r\n", over=connection)
    t.check(alice.wait(lambda: connection.pongs == 2), "two pings, two answers")
    connection.pongs = 0
    alice.send(b"\r\n\r", over=connection)
    alice.send(alice.request("OPTIONS"), over=alice.connect())
    alice.expect(200)
    t.equal(connection.pongs, 0, "answers to half a ping")
    alice.send(b"\n", over=connection)
    t.check(alice.wait(lambda: connection.pongs == 1), "a ping in two segments")
    connection.pongs = 0
    alice.send(b"\r\n" + alice.request("OPTIONS").encode() + b"\r\n", over=connection)
    alice.expect(200)
    t.equal(connection.pongs, 0, "answers to single line ends")
