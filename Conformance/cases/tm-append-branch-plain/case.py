from harness.message import Message


def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    for case in ("request", "destination", "failure", "failure-plain"):
        alice.note(case)
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-2", two.contact), ("X-Case", case)]))
        one.wait(lambda: one.inbox, 0.1)
        for phone in (one, two, one, two):
            phone.wait(lambda: phone.inbox, 0.1)
            while phone.inbox:
                phone.reply(phone.receive(), 486, "Busy Here")
        alice.receive()
