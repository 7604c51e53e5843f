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
    desk.reply(at_desk, 603, "Decline")
    desk.expect("ACK")
    cancel = mobile.expect("CANCEL")
    mobile.reply(cancel, 200, "OK")
    mobile.reply(at_mobile, 487, "Request Terminated")
    mobile.expect("ACK")
    alice.ack_failure(invite, alice.expect(603))
