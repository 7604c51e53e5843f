WAYS = ("www", "www-qop", "www-int", "www-both", "www-stale", "www-all", "proxy", "proxy-qop", "auth", "stateful", "get", "variables",
        "no-realm", "no-realm-no-reply")


def run(t):
    alice = t.phone("alice")
    for way in WAYS:
        for method in ("REGISTER", "MESSAGE"):
            alice.note(f"{way} {method}")
            alice.send(alice.request(method, f"sip:x@127.0.0.1:{t.port}", headers=[("X-Do", way)]))
            alice.receive()
            alice.fence()
            while alice.inbox:
                alice.receive()
