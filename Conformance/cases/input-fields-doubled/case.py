def run(t):
    alice = t.phone("alice")
    for name, value in (("From", "<sip:second@example.org>;tag=own-second"), ("Call-ID", "own-second"),
                        ("CSeq", "99 MESSAGE")):
        alice.note(name)
        alice.send(alice.request("MESSAGE", f"sip:u@127.0.0.1:{t.port}").add(name, value))
        alice.expect(200)
