from harness.agent import Dialog, SDP
from harness.flows import hang_up


def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-One", one.contact), ("X-Two", two.contact)]

    def begin():
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
        alice.expect(100)
        return invite, one.expect("INVITE")

    invite, at_one = begin()
    one.reply(at_one, 180, "Ringing")
    alice.expect(180)
    one.reply(at_one, 486, "Busy Here")
    one.expect("ACK")
    at_two = two.expect("INVITE")
    t.equal(at_two.uri, two.contact, "second target")
    two.reply(at_two, 200, "OK", body=SDP)
    ok = alice.expect(200)
    dialog = Dialog.of_caller(alice, invite, ok)
    dialog.send("ACK")
    two.expect("ACK")
    hang_up(t, dialog, two)

    invite, at_one = begin()
    one.reply(at_one, 404, "Not Found")
    one.expect("ACK")
    at_two = two.expect("INVITE")
    two.reply(at_two, 480, "Own Reason")
    two.expect("ACK")
    final = alice.receive()
    t.check(final.status in (404, 480), "a final reply")
    alice.ack_failure(invite, final)

    invite, at_one = begin()
    one.reply(at_one, 603, "Decline")
    one.expect("ACK")
    alice.ack_failure(invite, alice.expect(603))

    invite, at_one = begin()
    one.reply(at_one, 180, "Ringing")
    alice.expect(180)
    alice.cancel(invite)
    alice.expect(200)
    one.reply(one.expect("CANCEL"), 200, "OK")
    one.reply(at_one, 487, "Request Terminated")
    one.expect("ACK")
    alice.ack_failure(invite, alice.expect(487))
    two.expect_silence()
