def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    for case in ("one", "two", "stateful", "relayed"):
        message = alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-2", two.contact), ("X-Case", case)])
        alice.send(message)
        if case != "relayed":
            alice.expect(200)
        copy = one.expect("MESSAGE")
        if case == "one":
            one.expect_copies(copy, 2)
        one.reply(copy, 486, "Unseen")
        if case in ("two", "relayed"):
            two.reply(two.expect("MESSAGE"), 487, "Unseen")
        alice.send(message)
        alice.expect_silence()
        one.expect_silence()
        alice.note(case)
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact), ("X-Case", "one")])
    alice.expect(100)
    alice.expect(200)
    received = one.expect("INVITE")
    one.reply(received, 180, "Ringing")
    alice.expect_silence()
    one.reply(received, 486, "Busy Here")
    one.expect("ACK")
    alice.expect_silence()
