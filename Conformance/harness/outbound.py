"""REGISTERs of a phone that keeps flows (RFC 5626): what each form of them stores, shown by look-ups."""


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
    flow = f"<{bob.contact};ob>;{instance};reg-id="
    ob = ("Path", "<sip:127.0.0.1:23990;lr;ob>")
    plain = ("Path", "<sip:127.0.0.1:23991;lr>")
    supported = ("Supported", "path, outbound")
    register("no outbound", f"<{bob.contact}>")
    register("supported, no reg-id", f"<{bob.contact}>", headers=[supported])
    register("reg-id, not supported", flow + "1")
    register("reg-id, one via", flow + "1", headers=[supported])
    register("reg-id 2", f"<sip:bob@127.0.0.1:4444;ob>;{instance};reg-id=2", headers=[supported])
    register("reg-id, path with ob", flow + "1", headers=[supported, ob])
    register("reg-id, path without ob", flow + "1", headers=[supported, plain])
    register("required", flow + "1", headers=[supported, ("Require", "outbound")])
    register("required, unsupported", flow + "1", headers=[("Require", "outbound")])
    register("reg-id without instance", f"<{bob.contact}>;reg-id=1", headers=[supported])
    register("reg-id 0", flow + "0", headers=[supported])
    register("reg-id no number", flow + "own", headers=[supported])
    register("two with reg-id", flow + "1, " + f"<sip:bob@127.0.0.1:4445>;{instance};reg-id=3", headers=[supported])
    bob.note("two vias")
    request = bob.register_request(flow + "1", expires=600, cseq=t.next_number(), headers=[supported])
    request.headers.insert(1, ("Via", "SIP/2.0/UDP 127.0.0.1:4446;branch=z9hG4bKown-under"))
    bob.send(request)
    bob.receive()
    bob.note("two vias and path with ob")
    request = bob.register_request(flow + "1", expires=600, cseq=t.next_number(), headers=[supported, ob])
    request.headers.insert(1, ("Via", "SIP/2.0/UDP 127.0.0.1:4446;branch=z9hG4bKown-under"))
    bob.send(request)
    bob.receive()
    register("query", expires=None, headers=[supported])
    look("lookup")
