from harness.agent import SDP


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    request = alice.request("INVITE", bob.aor, body=SDP, headers=[("X-Own", "one\r\n two\r\n\tthree")])
    request.set("Via", request["Via"].replace(";branch", "\r\n ;branch"))
    request.set("From", request["From"].replace(";tag", "\r\n\t;tag"))
    request.set("To", "\r\n " + request["To"])
    request.set("Content-Length", "\r\n   " + request["Content-Length"])
    alice.send(request)
    alice.expect(100)
    received = bob.expect("INVITE")
    t.check(b"one\r\n two\r\n\tthree" in received.raw, "unknown field passed as it was")
    bob.reply(received, 486, "Busy Here")
    bob.expect("ACK")
    final = alice.expect(486)
    alice.ack_failure(request.set("To", f"<{bob.aor}>"), final)
