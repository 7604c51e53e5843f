def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for code in (180, 181, 182, 183, 200, 486):
        request = alice.request("INVITE", f"sip:service@127.0.0.1:{t.port}")
        reply = one.response(request, code, "Own")
        reply.headers.insert(0, ("Via", f"SIP/2.0/UDP 127.0.0.1:{t.port};branch=z9hG4bKown-unknown.0"))
        one.send(reply)
        alice.note(f"{code}")
        if alice.wait(lambda: alice.inbox, 0.1):
            alice.receive()
