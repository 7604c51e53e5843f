def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    invite = alice.request("INVITE", bob.aor, headers=[
        ("X-Own", "1"), ("Accept-Language", "de"), ("x-own", "2"), ("P-Own", ""), ("X-OWN", "3, 4"),
        ("Subject", "schön, ä"), ("Record-Route", "<sip:earlier.example;lr>"), ("Supported", "path,\ttimer")])
    alice.send(invite)
    alice.expect(100)
    received = bob.expect("INVITE")
    t.equal(received.all("X-Own"), ["1", "2", "3, 4"], "order")
    t.equal(received.all("Record-Route")[-1], "<sip:earlier.example;lr>", "earlier Record-Route last")
    bob.reply(received, 486, "Busy Here", headers=[("X-Own", "5"), ("X-Own", "6")])
    bob.expect("ACK")
    final = alice.expect(486)
    t.equal(final.all("X-Own"), ["5", "6"], "order")
    alice.ack_failure(invite, final)
