def run(t):
    alice = t.phone("alice")
    peers = [t.phone("bob"), t.phone("carol", transport="tcp"), t.phone("dora", family=6)]
    for peer in peers:
        for server in (("127.0.0.1", t.port), ("127.0.0.2", 23001)):
            for step in ("none", "fs"):
                alice.note(f"{server[0]} {step} to {peer.name}")
                peer.note(f"{server[0]} {step}")
                alice.send(alice.request("MESSAGE", peer.contact, headers=[("X-Step", step)]), over=server)
                received = peer.expect("MESSAGE")
                peer.reply(received, 200, "OK")
                alice.expect(200)
