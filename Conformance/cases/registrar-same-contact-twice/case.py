CONTACTS = (
    ("<sip:own@h>;expires=100", "<sip:own@h>;expires=200"),
    ("<sip:own@h>;expires=100, <sip:own@h>;expires=200",),
    ("<sip:own@h>;expires=100", "<sip:own@h>;expires=0"),
    ("<sip:own@h>;expires=0", "<sip:own@h>;expires=100"),
    ("<sip:own@h>;expires=100, <sip:other@h>;expires=101", "<sip:other@h>;expires=200, <sip:own@h>;expires=201"),
    ("<sip:own@h>;expires=100", "<sip:own@h>;expires=200", "<sip:own@h>;expires=300"),
)


def run(t):
    alice = t.phone("alice")

    def register(user, cseq, *contacts):
        request = alice.register_request(*contacts, cseq=cseq, call_id=f"own-{t.slug}-{user}")
        request.set("To", f"<sip:{user}@127.0.0.1:{t.port}>")
        alice.send(request)
        alice.expect(200)

    for number, contacts in enumerate(CONTACTS):
        register(f"new{number}", 1, *contacts)
        register(f"known{number}", 1, "<sip:own@h>;expires=300")
        register(f"known{number}", 2, *contacts)
