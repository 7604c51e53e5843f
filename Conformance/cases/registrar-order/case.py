

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

    register("one", "<sip:bob@127.0.0.1:4444>;q=0.3")
    register("two", "<sip:bob@127.0.0.1:4445>;q=0.7")
    register("three", "<sip:bob@127.0.0.1:4446>")
    register("four", "<sip:bob@127.0.0.1:4447>;q=0.7")
    look("lookup")
