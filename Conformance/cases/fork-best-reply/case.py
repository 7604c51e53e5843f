PAIRS = ((486, 404, None), (404, 486, None), (500, 486, 486), (486, 603, 603), (302, 486, None), (480, 408, None),
         (401, 486, None), (503, 500, None), (404, 503, 404), (415, 480, None))


def run(t):
    alice, desk, mobile = t.phone("alice"), t.phone("desk"), t.phone("mobile")
    aor = f"sip:bob.{t.slug}@127.0.0.1:{t.port}"
    for cseq, phone in enumerate((desk, mobile), 1):
        phone.send(phone.register_request(f"<{phone.contact}>", expires=600, cseq=cseq).set("To", f"<{aor}>"))
        phone.expect(200)
    for first, second, wanted in PAIRS:
        invite = alice.invite(aor)
        alice.expect(100)
        at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
        desk.reply(at_desk, first, "First", headers=[("Contact", "<sip:own@127.0.0.1>")] if first == 302 else [])
        desk.expect("ACK")
        alice.expect_silence()
        mobile.reply(at_mobile, second, "Second")
        mobile.expect("ACK")
        final = alice.receive()
        t.check(final is not None and final.status >= 300, "a final reply")
        t.check(wanted is None or final.status == wanted, f"{first} and {second} gave {final.status}")
        alice.ack_failure(invite, final)
