CODES = ((300, "Multiple Choices"), (302, "Moved Temporarily"), (400, "Bad Request"), (401, "Unauthorized"),
         (404, "Not Found"), (407, "Proxy Authentication Required"), (408, "Request Timeout"), (415, "Odd  Text\x09é"),
         (480, ""), (488, "Not Acceptable Here"), (491, "Request Pending"), (500, "Server Internal Error"),
         (503, "Service Unavailable"), (504, "Server Time-out"), (600, "Busy Everywhere"), (606, "Not Acceptable"))


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for code, reason in CODES:
        invite = alice.invite(bob)
        alice.expect(100)
        received = bob.expect("INVITE")
        bob.reply(received, code, reason, contact="<sip:own@127.0.0.1:23390>", headers=[
            ("Retry-After", "5"), ("X-Own", "kept"), ("Warning", '399 own "text"'),
            ("WWW-Authenticate", 'Digest realm="own", nonce="1"')])
        bob.expect("ACK")
        final = alice.expect(500 if code == 503 else code)
        t.check(code == 503 or final["X-Own"] == "kept", "unknown header kept")
        alice.ack_failure(invite, final)
