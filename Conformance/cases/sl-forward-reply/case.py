def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in ("same", "code", "reason", "variable", "class", "one-hundred"):
        for code in (180, 200, 404, 603):
            for phone in (alice, bob):
                phone.note(f"{step} {code}")
            alice.send(alice.request("MESSAGE", bob.contact, headers=[("X-Step", step)]))
            received = bob.expect("MESSAGE")
            bob.reply(received, code, "Own Reason", headers=[("X-Step", step)], body="own")
            bob.fence()
            alice.fence()
            alice.inbox.clear()
