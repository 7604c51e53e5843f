

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

    register("one", f"<{bob.contact}>", call_id="own-registered" + t.slug)
    look("not for another", "sip:own-nobody@127.0.0.1")
    look("same Call-ID", call_id="own-registered" + t.slug)
    look("another Call-ID")
    look("another contact", contact="<sip:bob@127.0.0.1:4444>")
    look("same contact", contact=f"<{bob.contact}>", call_id="own-registered" + t.slug)
