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
