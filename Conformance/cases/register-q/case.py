def run(t):
    bob = t.phone("bob")
    values = ("0.5", "1", "0.123", "0", "1.0", "0.70")
    bob.send(bob.register_request(
        *(f"<sip:q{i}@127.0.0.1:23391>;q={q};expires=600" for i, q in enumerate(values))))
    t.check(";q=0.5" in ", ".join(bob.expect(200).all("Contact")), "q=0.5 shown")
    bob.send(bob.register_request("<sip:x@127.0.0.1:23391>;q=7;expires=600", cseq=2))
    t.equal(bob.expect(400)["P-Registrar-Error"], "Invalid q param in contact", "reason")
    bob.expect(500)
