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
    t.check(at_desk["Via"] != at_mobile["Via"], "branches differ")
    t.equal({at_desk.uri, at_mobile.uri}, {desk.contact, mobile.contact}, "Request-URIs")
    desk.reply(at_desk, 180, "Ringing")
    alice.expect(180)
    mobile.reply(at_mobile, 180, "Ringing")
    alice.expect(180)
    mobile.reply(at_mobile, 200, "OK", body=SDP)
    ok = alice.expect(200)
    t.equal(ok.to_tag(), "own-mobile-2", "the mobile's tag")
    cancel = desk.expect("CANCEL")
    desk.reply(cancel, 200, "OK")
    desk.reply(at_desk, 487, "Request Terminated")
    desk.expect("ACK")
    dialog = Dialog.of_caller(alice, invite, ok)
    dialog.send("ACK")
    mobile.expect("ACK")
    alice.expect_silence()
    hang_up(t, dialog, mobile)
