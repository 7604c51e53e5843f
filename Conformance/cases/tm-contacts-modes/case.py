def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("same", "one", "two", "ascending"):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", "sip:a@127.0.0.1"), ("X-2", "sip:b@127.0.0.1"), ("X-Case", case), ("X-To", one.contact)]))
        received = one.expect("MESSAGE")
        one.note(case)
        one.reply(received, 200, "OK")
        while one.wait(lambda: one.inbox, 0.1):
            one.reply(one.receive(), 200, "OK")
        alice.expect(200)
