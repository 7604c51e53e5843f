from harness.agent import Dialog, SDP
from harness.flows import within_dialog


def run(t):
    alice, peer, carol = t.phone("alice"), t.phone("bob"), t.phone("carol", transport="tcp")
    for step, bob in (("inside", peer), ("outside", peer), ("stream", carol)):
        alice.note(step)
        bob.note(step)
        invite = alice.invite(bob.contact, headers=[("X-Step", step)])
        alice.expect(100)
        received = bob.expect("INVITE")
        bob.reply(received, 200, "OK", body=SDP)
        ok = alice.expect(200)
        dialog = Dialog.of_caller(alice, invite, ok)
        dialog.send("ACK")
        bob.expect("ACK")
        within_dialog(t, dialog, bob, "BYE")
    for parameters in ("sn=outside", "sn=none", "sn", "r2=on;sn=inside"):
        peer.note(parameters)
        alice.send(alice.request("INFO", peer.contact, to="<sip:bob@x>;tag=own-bob",
                                 routes=[f"<sip:127.0.0.1:{t.port};lr;{parameters}>"]))
        peer.reply(peer.expect("INFO"), 200, "OK")
        alice.expect(200)
