def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    host = f"127.0.0.1:{t.port}"
    escaped = "".join(f"%{ord(c):02x}" for c in bob.user[:3]) + bob.user[3:]
    for uri in (f"sip:{bob.user}@{host};user=phone", f"sip:{bob.user}:secret@{host}", f"SIP:{bob.user}@{host}",
                f"sip:{bob.user}@{host}?Subject=own", f"sip:{escaped}@{host}", f"sip:{bob.user.upper()}@{host}",
                f"sip:{bob.user};x=y@{host}", f"sip:{bob.user}@{host};transport=udp", f"sip:{bob.user}@{host};lr",
                f"sip:{bob.user}@localhost:{t.port}", f"sip:{bob.user}@LOCALHOST:{t.port}",
                f"sip:{bob.user}@127.0.0.1", f"sip:{bob.user}@localhost", f"sips:{bob.user}@{host}",
                f"sip:{bob.user}@{host};maddr=127.0.0.1", f"sip:{bob.user}@{host};transport=tcp",
                f"sip:{bob.user}@{host};gr=own", f"sip:{bob.user}@[::1]:{t.port}", f"sip:@{host}", f"sip:{bob.user}@",
                f"sip:bo%b@{host}", f"sip:a%00b@{host}", f"sip:{bob.user}@{host}:1", f"sip:{bob.user}@127.0.0.1:0",
                f"sip:{bob.user}@127.0.0.1:70000", f"sip:a@b@{host}", "sip:", "sip:;lr", "sip:?a=b"):
        alice.note(uri)
        bob.note(uri)
        alice.send(alice.request("MESSAGE", uri, to=f"<{bob.aor}>"))
        alice.fence()
        if bob.wait(lambda: bob.inbox, 0.03):
            bob.reply(bob.receive(), 200, "OK")
            alice.expect(200)
        alice.inbox.clear()
