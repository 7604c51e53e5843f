import re


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
    reply = register("gruu", f"<{bob.contact}>;{instance}", headers=[("Supported", "gruu")])
    pub = re.search('pub-gruu="([^"]*)"', reply["Contact"])
    temp = re.search('temp-gruu="([^"]*)"', reply["Contact"])
    register("another", "<sip:bob@127.0.0.1:4444>", headers=[("Supported", "gruu")])
    register("instance without support", "<sip:bob@127.0.0.1:4445>;" + instance.replace("128", "129"))
    register("query", headers=[("Supported", "gruu")], expires=None)
    register("query without support", expires=None)
    look("all")
    look("public", pub[1])
    look("public, another instance", pub[1][:-1] + "7")
    look("public upper case", pub[1].upper().replace("SIP:", "sip:").replace("GR=", "gr=").replace(bob.user.upper(), bob.user))
    look("temporary", temp[1])
    look("temporary, unknown", temp[1].replace("sip:", "sip:own", 1))
    look("gr empty", bob.aor + ";gr")
    register("refresh", f"<{bob.contact}>;{instance}", headers=[("Supported", "gruu")])
    register("remove", f"<{bob.contact}>;{instance}", headers=[("Supported", "gruu")], expires=0)
    look("public, gone", pub[1])
    register("instance", f"<sip:bob@127.0.0.1:4450>;{instance}")
    register("instance elsewhere", f"<sip:bob@127.0.0.1:4451>;{instance}")
