def run(t):
    alice, edge = t.phone("alice"), t.phone("edge")
    aor = f"sip:bob.{t.slug}@127.0.0.1:{t.port}"
    request = edge.register_request(
        "<sip:bob@127.0.0.1:23391>", expires=600,
        headers=[("Path", f"<sip:127.0.0.1:{edge.port};lr>"), ("Supported", "path")])
    edge.send(request.set("To", f"<{aor}>").set("From", f"<{aor}>;tag=own-edge-1"))
    edge.expect(200)
    invite = alice.invite(aor)
    alice.expect(100)
    received = edge.expect("INVITE")
    t.equal(received.uri, "sip:bob@127.0.0.1:23391", "Request-URI")
    t.equal(received["Route"], f"<sip:127.0.0.1:{edge.port};lr>", "Route")
    edge.reply(received, 404, "Not Found")
    edge.expect("ACK")
    alice.ack_failure(invite, alice.expect(404))
