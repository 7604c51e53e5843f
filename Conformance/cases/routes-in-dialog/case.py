def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    here = f"127.0.0.1:{t.port}"
    to_bob = f"<sip:127.0.0.1:{bob.port};lr>"
    for uri, routes in (
            (bob.contact, [f"<sip:{here};lr>"]),
            (bob.contact, [f"<sip:{here};lr=on;ftag=x>"]),
            (bob.contact, [f"<sip:{here};r2=on;lr>", f"<sip:{here};r2=on;lr>"]),
            (bob.contact, [f"<sip:{here};lr>", f"<sip:{here};lr>"]),
            ("sip:carol@elsewhere.example", [f"<sip:{here};lr>", to_bob]),
            ("sip:carol@elsewhere.example", [f"<sip:{here};lr>, {to_bob}"]),
            ("sip:carol@elsewhere.example", [f"<sip:{here};lr>,{to_bob}, <sip:third.example;lr>"]),
            ("sip:carol@elsewhere.example", [to_bob]),
            (f"sip:{here};lr", [f"<{bob.contact}>"]),
            (f"sip:{here}", [f"<{bob.contact}>"]),
            (f"sip:{here};lr", [to_bob, f"<{bob.contact}>"]),
            ("sip:carol@elsewhere.example", [f"<sip:{here};lr>", f"<sip:127.0.0.1:{bob.port}>"]),
            (bob.contact, [f"<sip:{here}>"]),
            (bob.contact, [f"<sip:user@{here};lr>"]),
            (bob.contact, [f'"Own name" <sip:{here};lr>;own=1']),
            (bob.contact, ["<sip:localhost:%d;lr>" % t.port])):
        for phone in (alice, bob):
            phone.note(f"{uri} via {routes}")
        alice.send(alice.request("INFO", uri, to=f"<{bob.aor}>;tag=own-bob-2", routes=routes))
        alice.fence()
        if bob.wait(lambda: bob.inbox, 0.05):
            bob.reply(bob.receive(), 200, "OK")
            alice.expect(200)
        alice.inbox.clear()
