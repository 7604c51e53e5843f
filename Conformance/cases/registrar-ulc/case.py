

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

    register("one", f"<{bob.contact}>;q=0.7;methods=\"INVITE, ACK\"", headers=[("Path", "<sip:127.0.0.1:23990;lr>")])
    register("two", '<sip:bob@127.0.0.1:4444>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=2', expires=120, headers=[("Allow", "MESSAGE")])
    look("fetch")
    look("nobody", "sip:own-nobody@127.0.0.1")
    look("freed", headers=[("X-Free", "1")])
