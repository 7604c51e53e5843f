def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for cookie in (True, False):
        request = alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-1", one.contact)])
        if not cookie:
            request.set("Via", alice.via("own-1"))
        alice.send(request)
        one.reply(one.expect("MESSAGE"), 486, "Own")
        alice.expect(486)
        request.set("Via", alice.via(None if cookie else "own-2"))
        alice.send(request)
        one.note(f"again, {'with' if cookie else 'without'} cookie")
        if one.wait(lambda: one.inbox, 0.2):
            one.reply(one.receive(), 487, "Own")
        if alice.wait(lambda: alice.inbox, 0.2):
            alice.receive()
