def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    request = alice.request("CANCEL", one.contact)
    alice.send(request)
    if one.wait(lambda: one.inbox, 0.2):
        received = one.receive()
        alice.send(request)
        if not one.wait(lambda: one.copies_of(received) > 1, 0.2):
            one.note("not repeated")
        one.reply(received, 481, "Own")
        if alice.wait(lambda: alice.inbox, 0.3):
            alice.receive()
    else:
        alice.expect_silence()
