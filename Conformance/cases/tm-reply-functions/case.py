def run(t):
    alice = t.phone("alice")
    for case, replies in (("retransmit", 2), ("nothing", 1), ("release", 1), ("twice", 1)):
        alice.note(case)
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-Case", case)]))
        first = alice.receive()
        if replies == 2:
            alice.expect_copies(first, 2)
