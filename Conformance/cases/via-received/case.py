def run(t):
    alice = t.phone("alice")
    for sent_by in ("192.0.2.1:5060", "192.0.2.1", f"127.0.0.1:{alice.port}", "127.0.0.1:9", "alice.example",
                    "localhost", "[2001:db8::1]:5060", f"[::1]:{alice.port}"):
        for flags in ("", ";rport", ";rport=1", ";received=192.0.2.9", ";rport;received=192.0.2.9", ";alias",
                      ";maddr=127.0.0.9;ttl=1"):
            alice.note(sent_by + flags)
            request = alice.request("OPTIONS")
            alice.send(request.set("Via", f"SIP/2.0/UDP {sent_by};branch=z9hG4bKown-{t.next_number()}{flags}"))
            t.check(alice.expect(200)["Via"].startswith(f"SIP/2.0/UDP {sent_by};branch="), "own Via")
