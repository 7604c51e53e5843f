def run(t):
    alice, desk, mobile = t.phone("alice"), t.phone("desk"), t.phone("mobile")
    aor = f"sip:bob.{t.slug}@127.0.0.1:{t.port}"
    for cseq, (phone, q) in enumerate(((desk, "0.3"), (mobile, "0.9")), 1):
        phone.send(phone.register_request(f"<{phone.contact}>;q={q}", expires=600, cseq=cseq).set("To", f"<{aor}>"))
        phone.expect(200)
    invite = alice.invite(aor)
    alice.expect(100)
    at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
    for phone, received in ((desk, at_desk), (mobile, at_mobile)):
        phone.reply(received, 486, "Busy Here")
        phone.expect("ACK")
    alice.ack_failure(invite, alice.expect(486))
