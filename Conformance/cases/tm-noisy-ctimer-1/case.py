def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    for case in ("ring", "silent", "trying", "failure", "two"):
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-2", two.contact), ("X-Case", case)])
        alice.expect(100)
        received = one.expect("INVITE")
        if case != "silent":
            one.reply(received, 100 if case == "trying" else 180, "Own")
        if case not in ("silent", "trying"):
            alice.expect(180)
        if case == "two":
            two.reply(two.expect("INVITE"), 486, "Busy Here")
            two.expect("ACK")
        if case != "silent":
            one.reply(one.expect("CANCEL"), 200, "OK")
            one.reply(received, 487, "Request Terminated")
            one.expect("ACK")
        if alice.wait(lambda: alice.inbox, 0.6):
            alice.ack_failure(invite, alice.receive())
        alice.note(case)
        one.wait(lambda: False, 0.1)
        one.inbox.clear()
