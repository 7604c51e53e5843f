import time


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

    register("short", "<sip:bob@127.0.0.1:4444>;expires=1")
    register("long", f"<{bob.contact}>")
    look("before")
    time.sleep(2.5)
    look("after")
    register("query", expires=None)
