def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("one", "two"):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-Case", case)]))
        while one.wait(lambda: one.inbox, 0.3):
            one.reply(one.receive(), 486, "Own")
        while alice.wait(lambda: alice.inbox, 0.1):
            alice.receive()
        alice.note(case)
