

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

    register("message", "<sip:bob@127.0.0.1:4444>;methods=\"MESSAGE\"")
    register("invite", "<sip:bob@127.0.0.1:4445>", headers=[("Allow", "INVITE, ACK, BYE")])
    register("both, parameter wins", "<sip:bob@127.0.0.1:4446>;methods=\"OPTIONS, SUBSCRIBE\"", headers=[("Allow", "MESSAGE")])
    register("all", "<sip:bob@127.0.0.1:4447>;q=0.1")
    for method in ("MESSAGE", "INVITE", "SUBSCRIBE", "OWN", "PUBLISH"):
        look("lookup " + method, method=method)
    register("all gone", "<sip:bob@127.0.0.1:4447>", expires=0)
    for method in ("MESSAGE", "INVITE", "PUBLISH"):
        look("lookup " + method, method=method)
