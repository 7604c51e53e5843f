from harness.agent import Dialog, SDP
from harness.flows import invite_reaches, within_dialog


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    invite = alice.invite(bob, headers=[("Require", "100rel")])
    received = invite_reaches(t, alice, bob, invite)
    for number, (code, reason) in enumerate(((183, "Session Progress"), (180, "Ringing")), 7):
        bob.reply(received, code, reason, body=SDP, headers=[("Require", "100rel"), ("RSeq", str(number))])
        progress = alice.expect(code)
        t.equal(progress["RSeq"], str(number), "RSeq")
        if number == 7:
            dialog = Dialog.of_caller(alice, invite, progress)
        within_dialog(t, dialog, bob, "PRACK", headers=[("RAck", f"{number} 1 INVITE")])
    dialog.send("PRACK", headers=[("RAck", "99 1 INVITE")])
    bob.reply(bob.expect("PRACK"), 481, "Call/Transaction Does Not Exist")
    alice.expect(481)
    within_dialog(t, dialog, bob, "UPDATE", body=SDP)
    bob.reply(received, 183, "Session Progress", tag="own-bob-3", headers=[("Require", "100rel"), ("RSeq", "1")])
    other = Dialog.of_caller(alice, invite, alice.expect(183))
    within_dialog(t, other, bob, "PRACK", headers=[("RAck", "1 1 INVITE")])
    bob.reply(received, 200, "OK")
    alice.expect(200)
    dialog.send("ACK", cseq=1)
    bob.expect("ACK")
    within_dialog(t, dialog, bob, "BYE")
