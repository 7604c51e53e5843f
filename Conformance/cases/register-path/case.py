def run(t):
    bob, carol = t.phone("bob"), t.phone("carol")
    path = "<sip:127.0.0.1:23390;lr>"
    bob.send(bob.register_request(
        f"<{bob.contact}>", expires=600, headers=[("Path", path), ("Supported", "path")]))
    bob.expect(200)
    carol.send(carol.register_request(f"<{carol.contact}>", expires=600, headers=[("Path", path)]))
    carol.expect(200)
