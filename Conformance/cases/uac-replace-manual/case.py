from harness.agent import Dialog
from harness.message import Message


def talk(t, alice, bob, user):
    """A call for `user`, with requests of both sides; what everybody sees is recorded."""
    for phone in (alice, bob):
        phone.note(user)
    invite = alice.request("INVITE", f"sip:{user}@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)])
    invite.set("From", '"Alice" <sip:alice@own.example>;tag=own-a')
    invite.set("To", "<sip:bob@own.example>")
    alice.send(invite)
    alice.expect(100)
    received = bob.expect("INVITE")
    answer = bob.reply(received, 200, "OK")
    ok = alice.expect(200)
    caller = Dialog.of_caller(alice, invite, ok)
    caller.send("ACK")
    bob.expect("ACK")
    callee = Dialog.of_callee(bob, received, Message.parse(answer.encode()))
    callee.send("INFO")
    info = alice.expect("INFO")
    alice.reply(info, 200, "OK")
    bob.expect(200)
    caller.send("BYE")
    bye = bob.expect("BYE")
    bob.reply(bye, 200, "OK")
    alice.expect(200)
    return received, ok, info, bye


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    received, ok, info, bye = talk(t, alice, bob, "x")
    t.equal(ok["From"], '"Alice" <sip:alice@own.example>;tag=own-a', "the caller sees its own")
    t.check("<sip:new@own.example>" in info["To"], "not restored")
    t.check("<sip:alice@own.example>" in bye["From"], "not restored")
