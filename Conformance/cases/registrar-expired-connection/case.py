VARIANTS = ("tcp",)


def run(t):
    bob = t.phone("bob")
    connection = bob.connect()
    bob.send(bob.register_request(f"<{bob.contact}>", expires=1), over=connection)
    bob.expect(200)
    closed = bob.wait(lambda: connection.is_closed, 8.0)
    bob.note(f"closed: {bool(closed)}")
