def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    carol = t.phone("carol", transport="tcp")
    dora = t.phone("dora", family=6)
    here = f"127.0.0.1:{t.port}"
    for step in ("plain", "parameters", "preset", "preset2", "presetparam", "advertised", "advertised-port",
                 "set-advertised", "remove", "twice", "preset-twice", "preset-plain", "late", "branch"):
        for peer in (bob, carol, dora):
            alice.note(f"{step} to {peer.name}")
            peer.note(step)
            contact = peer.contact.replace(peer.user, step)
            alice.send(alice.request("INVITE", contact, headers=[("X-Codes", "none")]))
            alice.expect(100)
            received = peer.expect("INVITE")
            peer.reply(received, 200, "OK")
            alice.expect(200)
