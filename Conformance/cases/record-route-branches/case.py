def run(t):
    alice, bob, carol, dora = t.phone("alice"), t.phone("bob"), t.phone("carol", "tcp"), t.phone("dora")
    invite = alice.invite(bob.contact, headers=[("X-Carol", carol.contact), ("X-Dora", dora.contact)])
    alice.expect(100)
    for phone in (bob, carol):
        received = phone.expect("INVITE")
        phone.reply(received, 486, "Busy Here")
        phone.expect("ACK")
    received = dora.expect("INVITE")
    dora.reply(received, 200, "OK")
    alice.expect(200)
