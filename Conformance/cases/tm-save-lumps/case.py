def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("save",):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact)]))
        one.reply(one.expect("MESSAGE"), 486, "Own")
        one.reply(one.expect("MESSAGE"), 200, "OK")
        alice.expect(200)
