VARIANTS = ("udp", "tcp")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    request = alice.request("MESSAGE", bob.aor, body="x", content_type="application/octet-stream")
    request.body = bytes(range(256)) + b"\r\n\r\nSIP/2.0 200 OK\r\n\r\n"
    request.set("Content-Length", str(len(request.body)))
    alice.send(request)
    received = bob.expect("MESSAGE")
    t.equal(received.body, request.body, "body")
    t.check(not received.has("Record-Route"), "no Record-Route")
    bob.reply(received, 202, "Accepted")
    alice.expect(202)
