from harness.message import Message


def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    first = alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
    alice.send(first)
    one.expect("MESSAGE")
    for label, change in (("same", None), ("call", ("Call-ID", "own-other-call"))):
        again = Message.parse(first.encode())
        alice.note(label)
        if change:
            again.set(*change)
        alice.send(again)
        one.wait(lambda: one.inbox, 0.1)
        while one.inbox:
            one.receive()
    t.allow_unclaimed = True
