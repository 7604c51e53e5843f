VARIANTS = ("tcp",)


def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    over = bob.connect()
    bob.send(bob.request("MESSAGE", f"sip:note@127.0.0.1:{t.port}"), over=over)
    bob.expect(200)

    def message(user, phone):
        request = alice.request("MESSAGE", f"sip:{user}@127.0.0.1:{t.port}", headers=[("X-Port", str(carol.port))])
        alice.send(request)
        phone.reply(phone.expect("MESSAGE"), 200, "OK")
        alice.expect(200)

    message("plain", carol)
    message("named", carol)
    message("flagged", bob)
    message("reset", carol)
    message("gone", carol)
    message("stateless", carol)
