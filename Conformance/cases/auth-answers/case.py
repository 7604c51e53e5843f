from harness.digest import answer, challenge


def run(t):
    alice = t.phone("alice")
    uri = f"sip:x@127.0.0.1:{t.port}"

    def offered(flags="0", method="MESSAGE"):
        alice.send(alice.request(method, uri, headers=[("X-Flags", flags)]))
        return challenge(alice.expect(401 if method == "REGISTER" else 407))

    def ask(note, value, method="MESSAGE", name="Authorization", body="", headers=()):
        alice.note(f"{note}")
        fields = [(name, value)] if value is not None else []
        alice.send(alice.request(method, uri, headers=[*fields, *headers], body=body, content_type="text/plain"))
        alice.expect(200)

    plain, protected, whole = offered("0"), offered("1"), offered("2")
    ask("right", answer(plain, "MESSAGE", uri))
    ask("right again", answer(plain, "MESSAGE", uri))
    ask("proxy", answer(plain, "MESSAGE", uri), name="Proxy-Authorization")
    ask("qop auth", answer(protected, "MESSAGE", uri, qop="auth"))
    ask("qop auth-int, another body", answer(whole, "MESSAGE", uri, qop="auth-int", body="hello"), body="help!")
    ask("wrong password", answer(plain, "MESSAGE", uri, password="guess"))
    ask("another method", answer(plain, "INVITE", uri))
    ask("another uri", answer(plain, "MESSAGE", "sip:y@example.org"))
    ask("another realm", answer(plain, "MESSAGE", uri, realm="example.com"))
    ask("a user with domain", answer(plain, "MESSAGE", uri, user="alice@example.org"))
    ask("own nonce", answer(plain, "MESSAGE", uri, nonce="own"))
    ask("changed nonce", answer(plain, "MESSAGE", uri, nonce="A" + plain["nonce"][1:]))
    ask("nonce cut", answer(plain, "MESSAGE", uri, nonce=plain["nonce"][:-4]))
    ask("nonce empty", answer(plain, "MESSAGE", uri, nonce=""))
    ask("response short", answer(plain, "MESSAGE", uri, response="abc"))
    ask("response long", answer(plain, "MESSAGE", uri, response="a" * 40))
    value = answer(plain, "MESSAGE", uri)
    at = value.index("response=") + 10
    ask("response upper", value[:at] + value[at:].upper())
    for name in ("username", "realm", "nonce", "uri", "response"):
        ask(f"no {name}", answer(plain, "MESSAGE", uri, drop=(name,)))
    for name in ("qop", "nc", "cnonce"):
        ask(f"qop without {name}", answer(protected, "MESSAGE", uri, qop="auth", drop=(name,)))
    ask("unknown qop", answer(protected, "MESSAGE", uri, qop="auth").replace("qop=auth", "qop=own"))
    ask("algorithm md5", answer(plain, "MESSAGE", uri) + ", algorithm=md5")
    ask("algorithm quoted", answer(plain, "MESSAGE", uri) + ', algorithm="MD5"')
    ask("algorithm unknown", answer(plain, "MESSAGE", uri) + ", algorithm=own")
    ask("algorithm another", answer(plain, "MESSAGE", uri, algorithm="SHA-256"))
    ask("opaque", answer(plain, "MESSAGE", uri) + ', opaque="own"')
    ask("unknown parameter", answer(plain, "MESSAGE", uri) + ', own="x, y"')
    ask("no credentials", None, headers=[("X-Bare", "1")])
    ask("basic", "Basic b3duOm93bg==")
    ask("empty", "Digest ")
    ask("nonsense", "own own own")
    ask("unclosed", 'Digest username="alice, realm="example.org"')
    ask("lower case", answer(plain, "MESSAGE", uri).replace("Digest", "digest"))
    ask("hash", answer(plain, "MESSAGE", uri), headers=[
        ("X-Hash", "1"), ("X-Secret", "dcb00e7d2b8bc14ee4ab5f3c1f3b7dd5")])
    right = __import__("hashlib").md5(b"alice:example.org:secret").hexdigest()
    ask("right hash", answer(plain, "MESSAGE", uri), headers=[("X-Hash", "1"), ("X-Secret", right)])
    ask("two headers", answer(plain, "MESSAGE", uri, realm="example.com"),
        headers=[("Authorization", answer(plain, "MESSAGE", uri))])
    for method in ("INVITE", "REGISTER", "ACK", "CANCEL", "PRACK", "BYE"):
        alice.note(method)
        alice.send(alice.request(method, uri, headers=[
            ("Authorization", answer(plain, method, uri, password="guess"))]))
        if method != "ACK":
            alice.expect(200)
    alice.expect_silence()
