from harness.agent import SDP

VARIANTS = ("udp", "udp6")


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    target = f"sip:bob@{bob.host_text}:{bob.port}"
    invite = alice.request("INVITE", target, body=SDP)
    alice.send(invite)
    received = bob.expect("INVITE")
    bob.reply(received, 180, "Ringing")
    alice.expect(180)
    alice.send(invite)
    bob.wait(lambda: bob.inbox or bob.copies_of(received) > 1)
    while bob.inbox:
        t.equal(bob.receive().method, "INVITE", "repetition forwarded")
    bob.reply(received, 486, "Busy Here")
    final = alice.expect(486)
    alice.ack_failure(invite, final)
    bob.expect("ACK")
    alice.send(alice.request("MESSAGE", f"sip:x@{t.host_text}:{t.port}", headers=[("X-Next", target)]))
    received = bob.expect("MESSAGE")
    bob.reply(received, 200, "OK")
    alice.expect(200)
