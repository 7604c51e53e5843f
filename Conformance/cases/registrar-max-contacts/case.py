

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

    c = [f"<sip:bob@127.0.0.1:{port}>" for port in range(4440, 4446)]
    register("one", c[0])
    register("two", c[1])
    register("three", c[2])
    register("two at once", c[3], c[4])
    register("refresh", c[0])
    register("one for another", f"{c[0]};expires=0, {c[4]}")
    register("one for another, new first", f"{c[5]}, {c[4]};expires=0")
    register("query", expires=None)
    register("star", "*", expires=0)
    register("three at once", ", ".join(c[:3]))
    register("query", expires=None)
