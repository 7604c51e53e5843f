from harness.message import Message


def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    first = alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
    alice.send(first)
    received = one.expect("MESSAGE")
    for label, change in (("branch", ("Via", first["Via"] + "x")), ("method", ("CSeq", first["CSeq"].replace("MESSAGE", "INFO"))),
                          ("number", ("CSeq", "77 MESSAGE"))):
        again = Message.parse(first.encode())
        alice.note(label)
        again.set(*change)
        if label == "method":
            again.start = again.start.replace("MESSAGE", "INFO")
        alice.send(again)
        one.wait(lambda: one.inbox, 0.1)
        while one.inbox:
            one.receive()
    one.reply(received, 200, "OK")
    alice.expect(200)
    t.allow_unclaimed = True
