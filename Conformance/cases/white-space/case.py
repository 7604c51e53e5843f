def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    text = (
        f"MESSAGE {bob.aor} SIP/2.0\r\n"
        f"Via  :   SIP / 2.0 / UDP 127.0.0.1:{alice.port} ; branch = z9hG4bKown-ws1 ;rport\r\n"
        "Max-Forwards:70\r\n"
        f"From\t:  \"A \\\" B\"  < {alice.aor} > ; tag = own-1\r\n"
        f"To:<{bob.aor}>\r\n"
        f"Call-ID  :{t.new_call_id()}   \r\n"
        "CSeq:     0009     MESSAGE  \r\n"
        "X-Own:\r\n"
        "X-Own:    \t  \r\n"
        "Content-Length:  \t 3  \r\n\r\nown").encode()
    alice.send(text)
    bob.fence()
    if bob.wait(lambda: bob.inbox, 0.05):
        bob.reply(bob.expect("MESSAGE"), 200, "OK")
        alice.expect(200)
    t.allow_unclaimed = True
