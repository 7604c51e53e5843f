VARIANTS = ("udp", "tcp")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    bob.register()
    invite = alice.invite(bob)
    alice.expect(100)
    received = bob.expect("INVITE")
    bob.reply(received, 486, "Busy Here")
    ack = bob.expect("ACK")
    t.equal(ack["CSeq"], "1 ACK", "CSeq")
    t.equal(ack["To"], received["To"] + ";tag=own-bob-2", "the callee's To tag")
    alice.ack_failure(invite, alice.expect(486))
    alice.expect_silence()
    bob.expect_silence()
