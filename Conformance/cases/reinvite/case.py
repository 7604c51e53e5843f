from harness.agent import SDP
from harness.flows import establish, hang_up


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob)
    for dialog, peer in ((call.caller, bob), (call.callee, alice)):
        dialog.send("INVITE", body=SDP)
        dialog.phone.expect(100)
        received = peer.expect("INVITE")
        peer.reply(received, 200, "OK", body=SDP)
        dialog.phone.expect(200)
        dialog.send("ACK")
        peer.expect("ACK")
        invite = dialog.send("INVITE", body=SDP)
        dialog.phone.expect(100)
        received = peer.expect("INVITE")
        peer.reply(received, 488, "Not Acceptable Here")
        peer.expect("ACK")
        dialog.phone.ack_failure(invite, dialog.phone.expect(488))
    hang_up(t, call.callee, alice)
