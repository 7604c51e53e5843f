

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

    register("example.org", f"<{bob.contact}>", user="bob@example.org")
    register("example.com", "<sip:bob@127.0.0.1:4444>", user="bob@example.com")
    register("upper case", "<sip:bob@127.0.0.1:4445>", user="Bob@EXAMPLE.org")
    register("prefix", "<sip:bob@127.0.0.1:4446>", user="bob@sip.example.org")
    register("no user", "<sip:bob@127.0.0.1:4447>", user="example.org")
    register("port", "<sip:bob@127.0.0.1:4448>", user="bob@example.org:5090")
    for user in ("bob@example.org", "bob@example.com", "BOB@sip.example.com", "bob@example.net", "example.org"):
        look("lookup " + user, "sip:" + user)
