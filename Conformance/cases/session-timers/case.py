from harness.agent import SDP
from harness.flows import establish, hang_up, within_dialog

TIMER = [("Supported", "timer"), ("Session-Expires", "90;refresher=uac"), ("Min-SE", "90")]


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    invite = alice.invite(bob, headers=[("Supported", "timer"), ("Session-Expires", "60")])
    alice.expect(100)
    received = bob.expect("INVITE")
    t.equal(received["Session-Expires"], "60", "Session-Expires")
    bob.reply(received, 422, "Session Interval Too Small", headers=[("Min-SE", "90")])
    bob.expect("ACK")
    refused = alice.expect(422)
    t.equal(refused["Min-SE"], "90", "Min-SE")
    alice.ack_failure(invite, refused)
    call = establish(t, alice, bob, invite=alice.invite(bob, headers=TIMER, cseq=2))
    t.equal(call.received["Session-Expires"], "90;refresher=uac", "Session-Expires")
    for dialog, peer in ((call.caller, bob), (call.callee, alice)):
        update, reply = within_dialog(t, dialog, peer, "UPDATE", headers=TIMER)
        t.equal(update["Session-Expires"], "90;refresher=uac", "Session-Expires")
        within_dialog(t, dialog, peer, "UPDATE", headers=TIMER, body=SDP)
    dialog = call.caller
    dialog.send("INVITE", headers=TIMER, body=SDP)
    alice.expect(100)
    received = bob.expect("INVITE")
    bob.reply(received, 200, "OK", body=SDP, headers=[("Require", "timer"), ("Session-Expires", "90;refresher=uas")])
    t.equal(alice.expect(200)["Session-Expires"], "90;refresher=uas", "Session-Expires")
    dialog.send("ACK", cseq=dialog.cseq)
    bob.expect("ACK")
    hang_up(t, call.callee, alice)
