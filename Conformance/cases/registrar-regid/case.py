

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

    instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
    register("reg-id 1", f"<{bob.contact}>;{instance};reg-id=1")
    register("reg-id 2", f"<sip:bob@127.0.0.1:4444>;{instance};reg-id=2")
    register("reg-id 1 elsewhere", f"<sip:bob@127.0.0.1:4445>;{instance};reg-id=1")
    register("reg-id 3 same contact", f"<sip:bob@127.0.0.1:4444>;{instance};reg-id=3")
    register("no reg-id", f"<sip:bob@127.0.0.1:4444>;{instance}")
    register("no instance", f"<sip:bob@127.0.0.1:4444>;reg-id=5")
    look("lookup")
