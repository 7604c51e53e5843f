def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for label, old, new in (("LF alone", b"\r\n", b"\n"), ("CR alone", b"\r\n", b"\r"),
                            ("LF before the last field", b"\r\nContent-Length", b"\nContent-Length")):
        for uri in (bob.aor, t.server_uri):
            method = "MESSAGE" if uri == bob.aor else "OPTIONS"
            alice.note(f"{label}, {method}")
            bob.note(f"{label}, {method}")
            alice.send(alice.request(method, uri).encode().replace(old, new))
            alice.fence()
            bob.fence()
            if bob.inbox:
                alice.fence()
                bob.inbox.clear()
            alice.inbox.clear()
    t.allow_unclaimed = True
