def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    for separator in (", ", ",", " , ", ",\r\n "):
        request = alice.request("MESSAGE", bob.aor)
        second = "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bKown-second;received=192.0.2.8"
        request.set("Via", request["Via"] + separator + second)
        request.add("Via", "SIP/2.0/TCP third.example;branch=z9hG4bKown-third")
        alice.send(request)
        received = bob.expect("MESSAGE")
        bob.reply(received, 200, "OK")
        ok = alice.expect(200)
        t.check("own-second" in str(ok.headers) and "own-third" in str(ok.headers), "Vias kept")
