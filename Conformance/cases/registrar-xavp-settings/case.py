

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

    register("expires", f"<{bob.contact}>", headers=[("X-Name", "expires"), ("X-Value", "77")])
    register("q", "<sip:bob@127.0.0.1:4444>;q=0.1", headers=[("X-Name", "q"), ("X-Value", "500")])
    register("max_contacts", "<sip:bob@127.0.0.1:4445>", headers=[("X-Name", "max"), ("X-Value", "2")])
    register("expires 0", f"<{bob.contact}>", headers=[("X-Name", "expires"), ("X-Value", "0")])
    register("query", expires=None)
