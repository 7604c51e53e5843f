def run(t):
    alice = t.phone("alice")
    for peer in (t.phone("bob"), t.phone("carol", transport="tcp")):
        for step in ("inside", "outside", "stream"):
            alice.note(step)
            peer.note(step)
            alice.send(alice.register_request(f"<{alice.contact}>", cseq=t.next_number(), headers=[
                ("X-Step", step), ("X-To", peer.contact), ("Supported", "path")]))
            peer.reply(peer.expect("REGISTER"), 200, "OK")
            alice.expect(200)
