def run(t):
    alice, desk, mobile = t.phone("alice"), t.phone("desk"), t.phone("mobile")
    aor = f"sip:bob.{t.slug}@127.0.0.1:{t.port}"
    for cseq, phone in enumerate((desk, mobile), 1):
        phone.send(phone.register_request(f"<{phone.contact}>", expires=600, cseq=cseq).set("To", f"<{aor}>"))
        phone.expect(200)
    invite = alice.invite(aor)
    alice.expect(100)
    received = {phone: phone.expect("INVITE") for phone in (desk, mobile)}
    for phone in (desk, mobile):
        phone.reply(received[phone], 180, "Ringing")
        alice.expect(180)
    alice.cancel(invite)
    alice.expect(200)
    for phone in (desk, mobile):
        phone.reply(phone.expect("CANCEL"), 200, "OK")
    for phone in (desk, mobile):
        phone.reply(received[phone], 487, "Request Terminated")
        phone.expect("ACK")
    alice.ack_failure(invite, alice.expect(487))
