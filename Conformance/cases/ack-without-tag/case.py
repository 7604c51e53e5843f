def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for uri in (bob.aor, t.server_uri, f"sip:nobody@127.0.0.1:{t.port}", "sip:carol@elsewhere.example"):
        bob.note(f"ACK {uri}")
        alice.send(alice.request("ACK", uri))
        alice.fence()
        bob.fence()
    t.allow_unclaimed = True
