def run(t):
    notes = []
    alice, bob, carol, dave = (t.phone(name) for name in ("alice", "bob", "carol", "dave"))

    def there(user):
        return f"<sip:{user}@127.0.0.1:{dave.port}>"

    def call(how, first, second=None, again=False):
        headers = [("X-How", how), ("X-First", bob.contact)]
        if second is not None:
            headers.append(("X-Second", carol.contact))
        if again:
            headers.append(("X-Again", "yes"))
        alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=headers))
        for phone, contacts in ((bob, first), (carol, second)):
            if contacts is None:
                continue
            request = phone.expect("MESSAGE")
            headers = [("Contact", contact) for contact in contacts]
            phone.reply(request, 302, "Moved", headers=headers)
            phone.fence()
        dave.fence()
        requests = [dave.receive() for _ in list(dave.inbox)]
        users = [request.uri.split("@")[0] + ":" + (request.get("X-Flags") or "") for request in requests]
        for request in requests:
            dave.reply(request, 404, "Not Here")
        reply = alice.receive()
        # One line tells all.
        for phone in (alice, bob, carol, dave):
            del phone.record[:]
        notes.append(f"{how}: {' '.join(users)} -> {reply.status} {reply.get('X-Result')}")

    many = [there("a") + ";q=0.2", there("b"), there("c") + ";q=0.9;flags=1", there("d") + ";q=0.5, " + there("e")]
    call("all", many)
    call("two", many)
    call("one-each", many, [there("m") + ";q=0.1", there("n") + ";q=1"])
    call("three-two", many, [there("m") + ";q=0.1", there("n") + ";q=1"])
    call("told", many[:1])
    call("all", [])
    call("all", [there("a"), there("a"), "*"])
    call("all", ["<tel:+123>", "sip:bare@127.0.0.1:" + str(dave.port)])
    for line in notes:
        alice.note(line)
