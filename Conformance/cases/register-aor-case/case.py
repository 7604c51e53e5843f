def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    upper = f"sip:{bob.user.upper()}@127.0.0.1:{t.port}"
    request = bob.register_request(f"<{bob.contact}>", expires=600)
    bob.send(request.set("To", f"<{upper}>"))
    bob.expect(200)
    invite = alice.invite(bob)
    first = alice.receive()
    if first.status == 100:
        received = bob.expect("INVITE")
        bob.reply(received, 486, "Busy Here")
        bob.expect("ACK")
        first = alice.expect(486)
    alice.ack_failure(invite, first)
