def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    for status, name in ((401, "WWW-Authenticate"), (407, "Proxy-Authenticate")):
        alice.send(alice.request(
            "OPTIONS", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact), ("X-Tell", carol.contact)]))
        alice.expect(202)
        first = bob.expect("INFO")
        bob.reply(first, status, "Prove it", headers=[(name, 'Digest realm="realm", nonce="own"')])
        second = bob.expect("INFO")
        t.equal(second["CSeq"], "11 INFO", "the next number")
        t.equal(second["From"], first["From"], "the same From")
        bob.reply(second, 200, "OK")
        for code in (status, 200):
            told = carol.expect("MESSAGE")
            t.equal(told["X-Told"], f"{code} 1 {code} INFO", "what the event route saw")
            carol.reply(told, 200, "OK")
    bob.expect_silence()
