def run(t):
    alice = t.phone("alice")
    for product in ("friendly-scanner", "sipcli/v1.8", "sipvicious", "Friendly-Scanner",
                    "VaxSIPUserAgent/3.1", "my pplsip", "a scanner b"):
        alice.send(alice.request("OPTIONS").set("User-Agent", product))
        alice.expect_silence()
    alice.send(alice.request("OPTIONS").set("User-Agent", "own-phone"))
    alice.expect(200)
