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
    for nc in (1, 2, 2, 1, 3, 10, 9, 11, 255):
        ask(f"nc {nc}", answer(offer, "MESSAGE", uri, qop="auth", nc=nc))
    offer = challenge(ask("nothing again"))
    ask("nc 5 first", answer(offer, "MESSAGE", uri, qop="auth", nc=5))
    ask("without qop", answer(offer, "MESSAGE", uri))
    ask("nc short", answer(offer, "MESSAGE", uri, qop="auth", nc=7).replace("nc=00000007", "nc=7"))
    ask("nc no number", answer(offer, "MESSAGE", uri, qop="auth", nc=8).replace("nc=00000008", "nc=0000000g"))
