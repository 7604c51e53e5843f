"""Pieces of calls that many cases share, with the assertions that hold for each of them."""
from .agent import Dialog, SDP
from .message import Message


class Call:
    """An established call: the dialogs of both sides and the messages that led there."""


def invite_reaches(t, caller, callee, invite):
    """The caller gets 100, the callee one INVITE with the server's Via on top of the caller's."""
    trying = caller.expect(100)
    t.check(trying.to_tag() is None, "100 carries no To tag (RFC 3261 8.2.6.2)")
    received = callee.expect("INVITE")
    vias = [part for value in received.all("Via") for part in value.split(", ")]
    t.check(len(vias) == len(invite.all("Via")) + 1, f"one Via added: {vias}")
    t.check("branch=z9hG4bK" in vias[0], "the server's branch has the magic cookie")
    t.check(received["Max-Forwards"] == str(int(invite["Max-Forwards"]) - 1), "Max-Forwards decremented")
    t.check(received.has("Record-Route"), "Record-Route present")
    t.check(received.body == invite.body, "body unchanged")
    return received


def establish(t, caller, callee, invite=None, ring=True):
    """INVITE, 100, 180, 200, ACK through the server."""
    call = Call()
    call.invite = invite or caller.invite(callee)
    call.received = invite_reaches(t, caller, callee, call.invite)
    if ring:
        callee.reply(call.received, 180, "Ringing")
        call.ringing = caller.expect(180)
        t.check(call.ringing.all("Via") == [via_seen(caller, call.ringing)], "only the caller's Via is left")
    call.answer = callee.reply(call.received, 200, "OK", body=SDP)
    call.ok = caller.expect(200)
    t.check(call.ok.body == SDP.encode(), "SDP of the answer unchanged")
    call.caller = Dialog.of_caller(caller, call.invite, call.ok)
    call.callee = Dialog.of_callee(callee, call.received, Message.parse(call.answer.encode()))
    call.ack = call.caller.send("ACK")
    call.received_ack = callee.expect("ACK")
    t.check(not call.received_ack.has("Route"), "the server took its Route off")
    return call


def via_seen(phone, message):
    """The one Via a phone must see in replies: its own, as the server filled it in."""
    own = message.all("Via")[0]
    if not own.split(" ")[1].startswith(f"{phone.host_text}:{phone.port};") or "branch=z9hG4bKown" not in own:
        raise AssertionError(f"not the caller's Via: {own}")
    return own


def within_dialog(t, dialog, peer, method, **options):
    """A request in a dialog goes through and its 200 comes back."""
    sent = dialog.send(method, **options)
    received = peer.expect(method)
    t.check(received.uri == dialog.target, "Request-URI is the peer's contact")
    t.check(not received.has("Route"), "the server took its Route off")
    peer.reply(received, 200, "OK")
    reply = dialog.phone.expect(200)
    t.check(reply["CSeq"] == sent["CSeq"], "the reply to this request")
    return received, reply


def hang_up(t, dialog, peer):
    return within_dialog(t, dialog, peer, "BYE")


def talk_under_own_names(t, alice, bob, user):
    """A call of alice@own.example for `user`, with requests of both sides; what everybody sees is recorded.

    Gives the INVITE as bob got it, and the 200, INFO and BYE as they came out.
    """
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


def cancel_and_answer_late(t):
    """Two callees in parallel, of which one is silent: the caller gives up; then one answers and the other is late."""
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    targets = [("X-1", one.contact), ("X-2", two.contact)]

    # The caller gives up; one rings, two is silent.
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
    alice.expect(100)
    at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
    one.reply(at_one, 180, "Ringing")
    alice.expect(180)
    alice.cancel(invite)
    alice.expect(200)
    one.reply(one.expect("CANCEL"), 200, "OK")
    one.reply(at_one, 487, "Request Terminated")
    one.expect("ACK")
    if two.wait(lambda: two.inbox, 0.1):
        cancel = two.expect("CANCEL")
        two.reply(cancel, 200, "OK")
        two.reply(at_two, 487, "Own Terminated")
        two.expect("ACK")
    final = alice.receive()
    alice.ack_failure(invite, final)
    t.equal(final.status, 487, "the caller's reply")

    # One answers, two is silent; then two answers late.
    invite = alice.invite(f"sip:service@127.0.0.1:{t.port}", headers=targets)
    alice.expect(100)
    at_one, at_two = one.expect("INVITE"), two.expect("INVITE")
    one.reply(at_one, 200, "OK")
    alice.expect(200)
    if two.wait(lambda: two.inbox, 0.1):
        two.reply(two.receive(), 200, "OK")
    two.reply(at_two, 486, "Too Late")
    two.wait(lambda: two.inbox, 0.1)
    while two.inbox:
        two.receive()
