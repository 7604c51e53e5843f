def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    for case in ("du", "nothing", "null", "branch", "ruri", "user", "socket"):
        alice.send(alice.request("MESSAGE", two.contact, headers=[
            ("X-1", one.contact), ("X-2", two.contact), ("X-Case", case)]))
        one.reply(one.expect("MESSAGE"), 486, "Busy Here")
        for phone in (one, two):
            phone.note(case)
            if phone.wait(lambda: phone.inbox, 0.1):
                phone.reply(phone.receive(), 200, "OK")
        alice.receive()
        alice.note(case)
