def run(t):
    bob = t.phone("bob")
    bob.send(bob.register_request(f"<{bob.contact}>", "*", expires=0))
    bob.expect(400)
    bob.expect(500)
