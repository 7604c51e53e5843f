def run(t):
    bob = t.phone("bob")

    def ask(label, *contacts, step="save", expires=None, cseq=[0]):
        cseq[0] += 1
        bob.note(label)
        bob.send(bob.register_request(*contacts, expires=expires, cseq=cseq[0], headers=[("X-Step", step)]))
        bob.fence()
        bob.inbox.clear()

    ask("default expiry", "<sip:one@127.0.0.1:1111>")
    ask("too brief", "<sip:one@127.0.0.1:1111>", expires=10)
    ask("too brief, one of two", "<sip:one@127.0.0.1:1111>;expires=10, <sip:two@127.0.0.1:2222>;expires=90")
    ask("second", "<sip:two@127.0.0.1:2222>", expires=90)
    ask("third", "<sip:three@127.0.0.1:3333>", expires=90)
    ask("removal below the minimum", "<sip:one@127.0.0.1:1111>", expires=0)
    ask("third again", "<sip:three@127.0.0.1:3333>", expires=90)
    ask("registered?", step="registered")
    ask("no reply flag", "<sip:two@127.0.0.1:2222>", step="silent", expires=120)
    ask("replace all", "<sip:four@127.0.0.1:4444>", step="single", expires=120)
    ask("unregister", step="unregister")
    ask("registered?", step="registered")
