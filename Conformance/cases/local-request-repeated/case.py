def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    headers = [("X-Next", bob.contact), ("X-Tell", carol.contact)]

    alice.send(alice.request("OPTIONS", f"sip:x@127.0.0.1:{t.port}", headers=headers))
    alice.expect(202)
    request = bob.expect("INFO")
    bob.expect_copies(request, 3)
    bob.reply(request, 480, "Not now")
    told = carol.expect("MESSAGE")
    t.equal(told["X-Told"], "480 1 INFO", "the event route saw the reply")
    carol.reply(told, 200, "OK")

    alice.send(alice.request("OPTIONS", f"sip:x@127.0.0.1:{t.port}", headers=headers))
    alice.expect(202)
    bob.expect("INFO")
    told = carol.expect("MESSAGE")
    t.equal(told["X-Told"], "408 2 INFO", "the event route saw that nobody answered")
    carol.reply(told, 200, "OK")
