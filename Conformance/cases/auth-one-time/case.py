from harness.digest import answer, challenge


def run(t):
    alice = t.phone("alice")
    uri = f"sip:x@127.0.0.1:{t.port}"

    def ask(note, value=None, **options):
        alice.note(note)
        fields = [("Authorization", value)] if value is not None else []
        alice.send(alice.request("MESSAGE", uri, headers=fields, **options))
        return alice.receive()

    offer = challenge(ask("nothing"))
    ask("once", answer(offer, "MESSAGE", uri, qop="auth"))
    ask("again", answer(offer, "MESSAGE", uri, qop="auth", nc=2))
    offer = challenge(ask("nothing again"))
    ask("once", answer(offer, "MESSAGE", uri, qop="auth"))
    ask("without qop", answer(offer, "MESSAGE", uri))
