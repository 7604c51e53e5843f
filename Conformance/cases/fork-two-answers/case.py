from harness.agent import Dialog, SDP
from harness.flows import hang_up


def run(t):
    alice, desk, mobile = t.phone("alice"), t.phone("desk"), t.phone("mobile")
    aor = f"sip:bob.{t.slug}@127.0.0.1:{t.port}"
    for cseq, phone in enumerate((desk, mobile), 1):
        phone.send(phone.register_request(f"<{phone.contact}>", expires=600, cseq=cseq).set("To", f"<{aor}>"))
        phone.expect(200)
    invite = alice.invite(aor)
    alice.expect(100)
    at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
    mobile.reply(at_mobile, 180, "Ringing")
    alice.expect(180)
    desk.reply(at_desk, 180, "Ringing")
    alice.expect(180)
    mobile.reply(at_mobile, 200, "OK", body=SDP)
    first = alice.expect(200)
    desk.expect("CANCEL")
    desk.reply(at_desk, 200, "OK", body=SDP)
    second = alice.expect(200)
    t.equal({first.to_tag(), second.to_tag()}, {"own-mobile-2", "own-desk-2"}, "both tags")
    for ok, phone in ((first, mobile), (second, desk)):
        dialog = Dialog.of_caller(alice, invite, ok)
        dialog.send("ACK")
        phone.expect("ACK")
        hang_up(t, dialog, phone)
