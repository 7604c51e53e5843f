from harness.flows import establish, hang_up, within_dialog


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    call = establish(t, alice, bob)
    for dialog, peer in ((call.caller, bob), (call.callee, alice)):
        for method, headers in (("INFO", []), ("UPDATE", []), ("REFER", [("Refer-To", "<sip:carol@example.com>")]),
                                ("NOTIFY", [("Event", "refer"), ("Subscription-State", "active")]),
                                ("MESSAGE", []), ("OPTIONS", []), ("SUBSCRIBE", [("Event", "dialog")])):
            received, _ = within_dialog(t, dialog, peer, method, headers=headers, body="own body",
                                        content_type="text/plain")
            t.equal(received.body, b"own body", "body")
    hang_up(t, call.caller, bob)
