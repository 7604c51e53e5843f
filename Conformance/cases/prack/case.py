from harness.agent import Dialog, SDP
from harness.flows import invite_reaches, within_dialog


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    invite = alice.invite(bob, headers=[("Supported", "100rel")])
    received = invite_reaches(t, alice, bob, invite)
    bob.reply(received, 183, "Session Progress", body=SDP, headers=[("Require", "100rel"), ("RSeq", "7")])
    progress = alice.expect(183)
    t.equal(progress["RSeq"], "7", "RSeq")
    dialog = Dialog.of_caller(alice, invite, progress)
    prack, _ = within_dialog(t, dialog, bob, "PRACK", headers=[("RAck", "7 1 INVITE")])
    t.equal(prack["RAck"], "7 1 INVITE", "RAck")
    bob.reply(received, 200, "OK")
    alice.expect(200)
    dialog.send("ACK", cseq=1)
    bob.expect("ACK")
    within_dialog(t, dialog, bob, "BYE")
