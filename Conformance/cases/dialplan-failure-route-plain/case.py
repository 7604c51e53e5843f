from harness.dialplan import make_table

make_table("dialplan-failure-route-plain")  # before the servers start: they read it then


def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    for case in ("user", "uri", "variable", "nothing"):
        alice.send(alice.request("MESSAGE", "sip:bob@example.org", headers=[
            ("X-1", one.contact), ("X-2", two.contact), ("X-Case", case)]))
        one.reply(one.expect("MESSAGE"), 486, "Busy Here")
        for phone in (one, two):
            phone.note(case)
            while phone.wait(lambda: phone.inbox, 0.1):
                phone.reply(phone.receive(), 200, "OK")
        alice.receive()
        alice.note(case)
