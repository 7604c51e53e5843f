def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for status, name in ((401, "WWW-Authenticate"), (407, "Proxy-Authenticate")):
        alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
        alice.expect(202)
        first = bob.expect("INFO")
        bob.reply(first, status, "Prove it", headers=[(name, 'Digest realm="realm", nonce="own"')])
        second = bob.expect("INFO")
        t.equal(second["X-Again"], str(status), "the failure route ran")
        t.equal(second["Call-ID"], first["Call-ID"], "the same request")
        bob.reply(second, 200, "OK")
    bob.expect_silence()
