from harness.agent import Dialog
from harness.flows import within_dialog
from harness.message import Message


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    subscribe = alice.send(alice.request("SUBSCRIBE", bob.aor, headers=[("Event", "dialog"), ("Expires", "60")]))
    received = bob.expect("SUBSCRIBE")
    t.check(received.has("Record-Route"), "Record-Route")
    ok = bob.reply(received, 200, "OK", headers=[("Expires", "60")])
    alice.expect(200)
    notifier = Dialog.of_callee(bob, received, Message.parse(ok.encode()))
    notify, _ = within_dialog(t, notifier, alice, "NOTIFY", headers=[
        ("Event", "dialog"), ("Subscription-State", "active")])
    t.check(notify.has("Record-Route"), "NOTIFY is record-routed")
