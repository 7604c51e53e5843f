def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")

    def ask():
        alice.send(alice.request("INFO", f"sip:x@127.0.0.1:{t.port}"))
        alice.expect(200)

    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(404)
    ask()
    alice.send(alice.request("MESSAGE", f"sip:relay@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
    bob.reply(bob.expect("MESSAGE"), 486, "Busy Here")
    alice.expect(486)
    ask()
    alice.send(alice.request("MESSAGE", f"sip:invite@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
    alice.expect(202)
    bob.reply(bob.expect("INVITE"), 200, "OK", contact=f"<{bob.contact}>")
    bob.expect("ACK")
    ask()
