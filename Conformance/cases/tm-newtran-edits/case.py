def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    alice.send(alice.request(
        "MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-First", bob.contact), ("X-Second", carol.contact)]))
    bob.reply(bob.expect("MESSAGE"), 404, "Not Here")
    carol.reply(carol.expect("MESSAGE"), 200, "OK")
    alice.expect(200)
