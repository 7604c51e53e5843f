def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for qop in ("auth", "auth,auth-int"):
        alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
        first = bob.expect("MESSAGE")
        bob.reply(first, 401, "Prove it", headers=[
            ("WWW-Authenticate", f'Digest realm="realm", nonce="own-{t.next_number()}", qop="{qop}", opaque="op"')])
        again = bob.expect("MESSAGE")
        t.check("qop=auth, nc=00000001, cnonce=" in again["Authorization"], "protection")
        bob.reply(again, 200, "OK")
        alice.expect(200)
