def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for user in ("plain", "body", "uri", "remove", "drop"):
        bob.note(user)
        alice.send(alice.request("MESSAGE", f"sip:{user}@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
        answer = alice.expect(202)
        if user == "drop":
            break
        t.equal(answer["X-Code"], "1", f"{user} is sent")
        request = bob.expect("INFO")
        t.equal(request["X-Local"], f"INFO me {user}", "what the event route saw")
        bob.reply(request, 200, "OK")
    bob.expect_silence()
