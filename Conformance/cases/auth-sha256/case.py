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
    ask("SHA-256", answer(offer, "MESSAGE", uri, qop="auth", algorithm="SHA-256"))
    ask("algorithm not named", answer(offer, "MESSAGE", uri, qop="auth", algorithm="SHA-256", drop=("algorithm",)))
    ask("MD5", answer(offer, "MESSAGE", uri, qop="auth", algorithm="MD5"))
    ask("wrong", answer(offer, "MESSAGE", uri, qop="auth", algorithm="SHA-256", password="guess"))
