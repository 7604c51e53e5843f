

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

    register("one", f"<{bob.contact}>;q=0.3")
    register("two", "<sip:bob@127.0.0.1:4444>;q=0.5")
    register("carol", "<sip:carol@127.0.0.1:4445>", user="own-carol@127.0.0.1")
    for way in ("dset", "dset-uri", "branches", "branches-carol", "branches-nobody", "dset-nobody"):
        look(way, headers=[("X-Way", way)])
    look("branches of nobody", "sip:own-nobody@127.0.0.1", headers=[("X-Way", "branches-carol")])
