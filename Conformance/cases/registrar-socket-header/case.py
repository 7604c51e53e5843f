

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

    register("plain", f"<{bob.contact}>")
    register("own socket", "<sip:bob@127.0.0.1:4444>", headers=[("X-Sock", f"udp:127.0.0.1:{t.port}")])
    register("unknown socket", "<sip:bob@127.0.0.1:4445>", headers=[("X-Sock", "udp:127.0.0.1:4444")])
    register("no socket", "<sip:bob@127.0.0.1:4446>", headers=[("X-Sock", "own")])
    look("fetch")
    look("add", headers=[("X-Add", "1")])
