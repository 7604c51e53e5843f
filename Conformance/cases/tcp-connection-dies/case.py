VARIANTS = ("tcp",)


def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")

    def message(user):
        alice.send(alice.request("MESSAGE", f"sip:{user}@127.0.0.1:{t.port}", headers=[
            ("X-Port", str(bob.port)), ("X-Next", str(carol.port))]))
        received = bob.expect("MESSAGE")
        hang_up()
        return received

    def hang_up():
        for link in bob.connections:
            link.sock.close()
        bob.connections.clear()

    # Once is retried.
    received = message("x")
    if bob.wait(lambda: bob.copies_of(received) > 1, 1.0):
        bob.note("sent again")
        bob.send(bob.response(received, 200, "OK"), over=bob.connections[0])
    alice.note(f"answered {alice.receive().status}")

    # Twice is failure, and the next target has its turn.
    received = message("y")
    if bob.wait(lambda: bob.copies_of(received) > 1, 1.0):
        bob.note("sent again")
        hang_up()
    received = carol.expect("MESSAGE")
    carol.reply(received, 200, "OK")
    alice.expect(200)
