

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

    supported = ("Supported", "path")
    for note, value in (
            ("received", "<sip:127.0.0.1:23990;lr;received=sip:127.0.0.1:4444>"),
            ("received escaped", "<sip:127.0.0.1:23990;lr;received=sip:127.0.0.1:4444%3Btransport%3Dtcp>"),
            ("received in the second", "<sip:127.0.0.1:23990;lr>, <sip:127.0.0.1:23991;lr;received=sip:127.0.0.1:4445>"),
            ("own address", f"<sip:127.0.0.1:{t.port};lr>"),
            ("own address first", f"<sip:127.0.0.1:{t.port};lr>, <sip:127.0.0.1:23991;lr>"),
            ("own address last", f"<sip:127.0.0.1:23991;lr>, <sip:127.0.0.1:{t.port};lr>")):
        register(note, f"<{bob.contact}>", headers=[("Path", value), supported])
        look("lookup")
