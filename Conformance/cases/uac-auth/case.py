def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")

    def challenged(method, user, status, challenge):
        for phone in (alice, bob):
            phone.note(f"{method} {user} {status} {challenge}")
        name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
        request = alice.send(alice.request(
            method, f"sip:{user}@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
        if method == "INVITE":
            alice.expect(100)
        first = bob.expect(method)
        bob.reply(first, status, "Prove it", headers=[(name, challenge)])
        if method == "INVITE":
            bob.expect("ACK")
        return request

    for status in (401, 407):
        for method in ("INVITE", "MESSAGE"):
            for user, challenge in (
                    ("x", 'Digest realm="realm", nonce="own"'),
                    ("x", 'Digest realm="realm2", nonce="own", opaque="op", algorithm=MD5'),
                    ("avp", 'Digest realm="realm", nonce="own", stale=true')):
                request = challenged(method, user, status, challenge)
                again = bob.expect(method)
                name = "Authorization" if status == 401 else "Proxy-Authorization"
                t.check(again.has(name), f"credentials in {name}")
                t.equal(again["CSeq"], request["CSeq"], "CSeq is the caller's")
                bob.reply(again, 403, "Enough")
                if method == "INVITE":
                    bob.expect("ACK")
                final = alice.expect(403)
                if method == "INVITE":
                    alice.ack_failure(request, final)

    challenged("MESSAGE", "x", 401, 'Digest realm="unknown", nonce="own"')
    alice.expect(401)
    challenged("MESSAGE", "x", 401, 'Basic realm="realm"')
    alice.expect(401)
