def run(t):
    alice, bob, dave = (t.phone(name) for name in ("alice", "bob", "dave"))
    notes = []
    for how in ("none", "accept-b", "accept-both", "reset-default", "reset-added", "reset-all", "deny-a", "deny-reset"):
        alice.send(alice.request(
            "MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-How", how), ("X-First", bob.contact)]))
        contacts = [("Contact", f"<sip:{user}@127.0.0.1:{dave.port}>") for user in "abcde"]
        bob.reply(bob.expect("MESSAGE"), 302, "Moved", headers=contacts)
        bob.fence()
        dave.fence()
        requests = [dave.receive() for _ in list(dave.inbox)]
        users = [request.uri.split("@")[0] for request in requests]
        for request in requests:
            dave.reply(request, 404, "Not Here")
        reply = alice.receive()
        for phone in (alice, bob, dave):
            del phone.record[:]
        notes.append(f"{how}: {' '.join(users)} -> {reply.status}")
    for line in notes:
        alice.note(line)
