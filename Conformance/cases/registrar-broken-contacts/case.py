

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

    good = "<sip:bob@127.0.0.1:4444>"
    register("one that stays", good)
    for value in ("", "<>", "<sip:>", "sip:", "own", "<sip:bob@127.0.0.1", "sip:bob@127.0.0.1>", '"Bob <sip:bob@127.0.0.1>',
                  "<sip:bob@127.0.0.1>,", "<sip:bob@127.0.0.1>;;q=0.5", "<sip:bob@127.0.0.1>;q", "<sip:bob@127.0.0.1>;=5",
                  '<sip:bob@127.0.0.1>;x="', "<<sip:bob@127.0.0.1>>", "<sip:bob@127.0.0.1:99999>",
                  "<sip:bob@127.0.0.1:0>", "<sip:bob@[::1>", "<sip:bob@[::1]:5060>", "<tel:+123456>", "<mailto:bob@example.org>",
                  "* ;expires=0", "<sip:bob@127.0.0.1>;reg-id=-1", "<sip:bob@127.0.0.1>;+sip.instance=own",
                  '<sip:bob@127.0.0.1>;+sip.instance=""', "<sip:bob@127.0.0.1>;received=own", "<sip:" + "b" * 600 + "@127.0.0.1>",
                  "<sip:bob@127.0.0.1>;own=" + "o" * 600):
        register(value[:60], value)
        register("star", "*", expires=0)
