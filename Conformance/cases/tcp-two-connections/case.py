VARIANTS = ("tcp",)


def run(t):
    alice = t.phone("alice")
    one, two = alice.connect(), alice.connect()
    for connection in (two, one, two):
        alice.send(alice.request("OPTIONS"), over=connection)
        t.check(alice.expect(200).link is connection, "same connection")
