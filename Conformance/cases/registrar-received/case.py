

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
    register("noted", "<sip:bob@127.0.0.1:4444>", headers=[("X-Received", "sip:127.0.0.1:5555")])
    register("in the contact", '<sip:bob@127.0.0.1:4445>;received="sip:127.0.0.1:6666"')
    register("both", '<sip:bob@127.0.0.1:4446>;received="sip:127.0.0.1:6666"', headers=[("X-Received", "sip:127.0.0.1:5555")])
    look("lookup")
    register("changed", "<sip:bob@127.0.0.1:4444>", headers=[("X-Received", "sip:127.0.0.1:7777")])
    register("gone", "<sip:bob@127.0.0.1:4446>")
    register("long", "<sip:bob@127.0.0.1:4447>", headers=[("X-Received", "sip:" + "o" * 600)])
    look("lookup")
