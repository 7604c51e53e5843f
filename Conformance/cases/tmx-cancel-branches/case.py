def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-1", one.contact), ("X-2", two.contact)]
    for case in ("others", "this", "all"):
        alice.note(case)
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets + [("X-Case", case)])
        alice.expect(100)
        at = {"one": one.expect("INVITE"), "two": two.expect("INVITE")}
        two.reply(at["two"], 180, "Ringing")
        alice.expect(180)
        one.reply(at["one"], 183, "Progress")
        alice.expect(183)
        for name, phone in (("one", one), ("two", two)):
            if phone.wait(lambda: phone.inbox, 0.2):
                phone.reply(phone.expect("CANCEL"), 200, "OK")
            phone.reply(at[name], 487, "Request Terminated")
            phone.expect("ACK")
        alice.ack_failure(invite, alice.receive())
