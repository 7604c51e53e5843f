def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
        ("X-1", "sip:a@127.0.0.1"), ("X-2", "sip:b@127.0.0.1"), ("X-To", one.contact)]))
    one.reply(one.expect("MESSAGE"), 200, "OK")
    alice.expect(200)
