from harness.agent import SDP


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    invite = alice.invite(bob)
    alice.expect(100)
    received = bob.expect("INVITE")
    bob.reply(received, 100, "Trying")
    for code, reason in ((180, "Ringing"), (181, "Call Is Being Forwarded"), (182, "Queued"),
                         (183, "Session Progress")):
        bob.reply(received, code, reason, body=SDP if code == 183 else "")
        t.equal(alice.expect(code).reason, reason, "reason")
    bob.reply(received, 199, "Early Dialog Terminated")
    alice.expect(199)
    bob.reply(received, 600, "Busy Everywhere")
    bob.expect("ACK")
    alice.ack_failure(invite, alice.expect(600))
