

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

    for flags in ("0", "1", "2", "4", "8", "16", "18", "then", "6"):
        for contact in ("4444", "4445"):
            register(f"{flags} {contact}", f"<sip:bob@127.0.0.1:{contact}>", headers=[("X-Flags", flags)])
        register("broken", "<sip:bob", headers=[("X-Flags", flags)])
    look("lookup")
