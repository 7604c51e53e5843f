def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-1", one.contact), ("X-2", two.contact)]

    # The caller gives up; one rings, two is silent.
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
    alice.expect(100)
    at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
    one.reply(at_one, 180, "Ringing")
    alice.expect(180)
    alice.cancel(invite)
    alice.expect(200)
    one.reply(one.expect("CANCEL"), 200, "OK")
    one.reply(at_one, 487, "Request Terminated")
    one.expect("ACK")
    if two.wait(lambda: two.inbox, 0.1):
        cancel = two.expect("CANCEL")
        two.reply(cancel, 200, "OK")
        two.reply(at_two, 487, "Own Terminated")
        two.expect("ACK")
    final = alice.receive()
    alice.ack_failure(invite, final)
    t.equal(final.status, 487, "the caller's reply")

    # One answers, two is silent; then two answers late.
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
    alice.expect(100)
    at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
    one.reply(at_one, 200, "OK")
    alice.expect(200)
    if two.wait(lambda: two.inbox, 0.1):
        two.reply(two.receive(), 200, "OK")
    two.reply(at_two, 486, "Too Late")
    two.wait(lambda: two.inbox, 0.1)
    while two.inbox:
        two.receive()
