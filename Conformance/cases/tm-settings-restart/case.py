def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for first, second, restarts in ((180, 180, False), (180, 183, True), (183, 180, False), (100, 180, True),
                                    (100, 170, False)):
        alice.note(f"{first} {second}")
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
        alice.expect(100)
        received = one.expect("INVITE")
        one.reply(received, first, "First")
        alice.wait(lambda: False, 0.8)
        one.reply(received, second, "Second")
        # The first of them ends 1.2 s after it.
        alice.wait(lambda: any(reply.status == 408 for reply in alice.inbox), 0.8)
        cancelled = [reply.status for reply in alice.inbox if reply.status == 408]
        t.equal(bool(cancelled), not restarts, f"{first} {second}: over")
        while alice.wait(lambda: alice.inbox, 1.5):
            reply = alice.receive()
            if reply.status == 408:
                alice.ack_failure(invite, reply)
                break
        one.reply(one.expect("CANCEL"), 200, "OK")
        one.reply(received, 487, "Request Terminated")
        one.expect("ACK")
