from harness.digest import answer, challenge


def run(t):
    alice = t.phone("alice")
    uri = f"sip:x@127.0.0.1:{t.port}"

    def ask(note, method, value=None, user="alice", to="x", host="example.org", headers=()):
        alice.note(note)
        fields = list(headers)
        if value is not None:
            fields.append(("Authorization" if method == "REGISTER" else "Proxy-Authorization", value))
        request = alice.request(method, uri, to=f"<sip:{to}@{host}>", headers=fields)
        request.set("From", f"<sip:{user}@{host}>;tag=own")
        alice.send(request)
        return alice.receive()

    for method in ("MESSAGE", "REGISTER", "PUBLISH", "INVITE", "SUBSCRIBE"):
        offer = challenge(ask(f"challenge {method}", method, headers=[("X-Challenge", "1")]))
        for check in "012":
            for user, to in (("alice", "alice"), ("alice", "bob"), ("bob", "alice"), ("bob", "bob"), ("Alice", "Alice")):
                ask(f"{method} {check} from {user} to {to}", method, answer(offer, method, uri), user, to,
                    headers=[("X-Check", check)])
        ask(f"{method} another domain", method, answer(offer, method, uri), "alice", "alice", "example.com",
            headers=[("X-Check", "1")])
        ask(f"{method} wrong", method, answer(offer, method, uri, password="guess"), headers=[("X-Check", "1")])
        ask(f"{method} none", method, headers=[("X-Check", "1")])
