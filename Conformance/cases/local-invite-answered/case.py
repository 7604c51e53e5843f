def run(t):
    alice, bob, carol, dave = t.phone("alice"), t.phone("bob"), t.phone("carol"), t.phone("dave")
    for routes in ((), ("<sip:192.0.2.9;lr>", f"<sip:127.0.0.1:{dave.port};lr>")):
        alice.send(alice.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
        alice.expect(202)
        invite = bob.expect("INVITE")
        bob.reply(invite, 180, "Ringing")
        headers = [("Record-Route", route) for route in routes]
        answer = bob.reply(invite, 200, "OK", contact=f"<{carol.contact}>", headers=headers)
        hop = dave if routes else carol
        ack = hop.expect("ACK")
        t.equal(ack.uri, carol.contact, "Request-URI is the contact")
        t.equal(", ".join(ack.all("Route")), ", ".join(routes[::-1]), "route set in reverse")
        bob.send(answer, over=invite.link)
        hop.expect_copies(ack, 2)
    bob.expect_silence()
