

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

    for value in ("10", "3600", "7200", "0", "-1", "own", "1.5", "", " 90 ", "0x10"):
        register(f"parameter {value!r}", f"<sip:bob@127.0.0.1:4444>;expires={value}", expires=None)
        register(f"field {value!r}", "<sip:bob@127.0.0.1:4445>", expires=value)
        register("star", "*", expires=0)
    register("none", "<sip:bob@127.0.0.1:4444>", expires=None)
    register("without a value", "<sip:bob@127.0.0.1:4444>;expires", expires=None)
    register("quoted", '<sip:bob@127.0.0.1:4444>;expires="90"', expires=None)
    register("twice", "<sip:bob@127.0.0.1:4444>;expires=90;expires=120", expires=None)
