

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

    path = ("Path", "<sip:127.0.0.1:23990;lr>")
    second = ("Path", "<sip:own@127.0.0.1:23991;lr;own=1>, <sip:127.0.0.1:23992;lr>")
    supported = ("Supported", "path")
    register("supported", f"<{bob.contact}>", headers=[path, supported])
    look("lookup")
    register("not supported", f"<sip:bob@127.0.0.1:4444>", headers=[path])
    register("two fields", f"<sip:bob@127.0.0.1:4445>", headers=[path, second, supported])
    register("required", f"<sip:bob@127.0.0.1:4446>", headers=[path, ("Require", "path")])
    register("broken", f"<sip:bob@127.0.0.1:4447>", headers=[("Path", "sip:own, <"), supported])
    register("empty", f"<sip:bob@127.0.0.1:4448>", headers=[("Path", ""), supported])
    register("no path", f"<{bob.contact}>", headers=[supported])
    register("query with path", expires=None, headers=[path, supported])
    look("lookup")
