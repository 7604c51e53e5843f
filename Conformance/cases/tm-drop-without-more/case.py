def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for code in (404, 302, 401):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)]))
        one.reply(one.expect("MESSAGE"), code, "Own")
        alice.receive()
