def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    alice.send(alice.request("PUBLISH", alice.aor, headers=[("Event", "presence"), ("Expires", "600")]))
    t.equal(alice.expect(404).reason, "Not here", "reason")
    alice.send(alice.request("SUBSCRIBE", headers=[("Event", "presence")]))
    t.equal(alice.expect(404).reason, "Not here", "reason")
    alice.send(alice.request("SUBSCRIBE", alice.aor, headers=[("Event", "message-summary")]))
    t.equal(alice.expect(404).reason, "No voicemail service", "reason")
