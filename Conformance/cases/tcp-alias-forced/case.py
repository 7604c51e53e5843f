VARIANTS = ("tcp",)


def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    target = str(bob.port + 100)

    def message():
        alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Port", target)]))

    bob.send(bob.request("OPTIONS", f"sip:alias@127.0.0.1:{t.port}").set("Via", via(bob, target)))
    bob.expect(200)
    message()
    received = bob.expect("MESSAGE")
    bob.reply(received, 200, "OK")
    alice.expect(200)
    carol.send(carol.request("OPTIONS", f"sip:alias@127.0.0.1:{t.port}").set("Via", via(carol, target)))
    carol.expect(200)
    message()
    received = carol.expect("MESSAGE")
    carol.reply(received, 200, "OK")
    alice.expect(200)
    bob.expect_silence()


def via(phone, port):
    return phone.via().replace(f":{phone.port};", f":{port};")
