

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

    path = ("Path", "<sip:127.0.0.1:23990;lr>")
    register("first", f"<{bob.contact}>", call_id="own-usrloc-1" + t.slug)
    register("another call", f"<{bob.contact}>", call_id="own-usrloc-2" + t.slug)
    register("another contact", "<sip:bob@127.0.0.1:4444>", call_id="own-usrloc-1" + t.slug)
    register("another path", f"<{bob.contact}>", call_id="own-usrloc-1" + t.slug, headers=[path])
    register("same path", f"<{bob.contact}>", call_id="own-usrloc-3" + t.slug, headers=[path])
    register("remove", f"<{bob.contact}>", call_id="own-usrloc-1" + t.slug, expires=0)
    register("query", expires=None)
