

def run(t):
    bob = t.phone("bob")

    def register(note, *contacts, expires=600, user=None, **options):
        bob.note(note)
        request = bob.register_request(*contacts, expires=expires, cseq=t.next_number(), **options)
        if user:
            request.set("To", f"<sip:{user}>")
        bob.send(request)
        return bob.receive()

    def look(note, uri=None, method="MESSAGE", headers=(), **options):
        bob.note(note)
        bob.send(bob.request(method, uri or bob.aor, headers=headers, **options))
        return bob.receive()

    for user in ("bob'--", "bob'*", 'bob%22', "bob%00", "bob%0d%0a", "b%6fb", "%", "%4", "%zz", "bob%25",
                 "o" * 260):
        register(user[:40], "<sip:bob@127.0.0.1:4444>", user=user + "@127.0.0.1")
        look("lookup", f"sip:{user}@127.0.0.1")
