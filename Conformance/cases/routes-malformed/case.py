def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    here = f"127.0.0.1:{t.port}"
    for route in ("", "garbage", "<>", f"<sip:{here};lr", f"sip:{here};lr", "<sip:>", f"<sip:{here};lr>,", ",",
                  f"<http://{here};lr>", f"<sip:{here}:1;lr>"):
        for phone in (alice, bob):
            phone.note(f"Route: {route}")
        alice.send(alice.request("INFO", bob.contact, to=f"<{bob.aor}>;tag=own-bob-2", routes=[route]))
        alice.fence()
        if bob.wait(lambda: bob.inbox, 0.03):
            bob.reply(bob.receive(), 200, "OK")
            alice.receive()
        alice.inbox.clear()
