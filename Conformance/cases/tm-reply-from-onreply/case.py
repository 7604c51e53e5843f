def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for codes in ((183, 486), (486,), (404,), (501,)):
        invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
        alice.expect(100)
        received = one.expect("INVITE")
        for code in codes:
            one.reply(received, code, "Own")
            if one.wait(lambda: one.inbox, 0.1):
                request = one.receive()
                if request.method == "CANCEL":
                    one.reply(request, 200, "OK")
        while alice.wait(lambda: alice.inbox, 0.1):
            reply = alice.receive()
            if reply.status >= 300:
                alice.ack_failure(invite, reply)
        if one.wait(lambda: one.inbox, 0.1):
            one.receive()
        alice.note(f"{codes}")
