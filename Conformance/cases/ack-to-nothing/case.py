VARIANTS = ("udp", "tcp")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for uri in (bob.aor, t.server_uri):
        alice.send(alice.request("ACK", uri, to=f"<{uri}>;tag=own-bob-2"))
        alice.expect_silence()
