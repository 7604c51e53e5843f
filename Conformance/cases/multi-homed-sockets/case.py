from harness.agent import Dialog, SDP
from harness.flows import within_dialog


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in ("none", "fs", "fsn", "force", "advertised", "tcp-socket", "gone"):
        alice.note(step)
        bob.note(step)
        invite = alice.invite(bob.contact, headers=[("X-Step", step)])
        alice.expect(100)
        received = bob.expect("INVITE")
        bob_answer = bob.response(received, 200, "OK", body=SDP)
        bob.send(bob_answer, over=received.link)
        ok = alice.expect(200)
        dialog = Dialog.of_caller(alice, invite, ok)
        routes = list(dialog.routes)
        dialog.send("ACK", routes=routes)
        bob.expect("ACK")
        within_dialog(t, dialog, bob, "INFO", routes=routes)
        within_dialog(t, dialog, bob, "BYE", routes=routes)
