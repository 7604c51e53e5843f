def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("183", "486", "200"):
        alice.note(case)
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-Case", case)]))
        received = one.expect("MESSAGE")
        one.reply(received, 183, "Progress")
        alice.wait(lambda: alice.inbox, 0.1)
        one.reply(received, 200 if case == "200" else 486, "Own")
        alice.wait(lambda: alice.inbox, 0.1)
        while alice.inbox:
            alice.receive()
