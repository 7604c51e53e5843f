def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-1", one.contact), ("X-2", two.contact)]
    for code in (None, 486, 404, 503, 302, 401):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=targets))
        one.expect("MESSAGE")
        received = two.expect("MESSAGE")
        if code:
            two.reply(received, code, "Own")
        alice.receive()
        alice.note(f"{code}")
