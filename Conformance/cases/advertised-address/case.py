def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for uri in ("sip:192.0.2.3:5099", "sip:192.0.2.3", "sip:192.0.2.3:23002", "sip:127.0.0.3:23002",
                "sip:127.0.0.3:5099", "sip:own.example", "sip:own.example:5080", "sip:other.example:5080",
                "sip:other.example", "sip:OTHER.example:5080;transport=tcp", "sip:127.0.0.1",
                f"sip:127.0.0.1:{t.port}", f"sips:127.0.0.1:{t.port}", f"sip:[::1]:{t.port}", "sip:[::1]",
                f"sip:[0:0:0:0:0:0:0:1]:{t.port}", "sip:192.0.2.3:5099;transport=tcp"):
        alice.note(uri)
        alice.send(alice.request("INFO", uri))
        alice.expect(200)
    for server in (("127.0.0.3", 23002), ("127.0.0.1", t.port)):
        alice.send(alice.request("MESSAGE", bob.contact), over=server)
        received = bob.expect("MESSAGE")
        bob.reply(received, 200, "OK")
        alice.expect(200)
        back = received["Record-Route"]
        bob.send(bob.request("MESSAGE", alice.contact, to="<sip:a@x>;tag=own-1", routes=[back]))
        alice.reply(alice.expect("MESSAGE"), 200, "OK")
        bob.expect(200)
