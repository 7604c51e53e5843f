PARTIES = "From: <sip:me@own.example>\r\nTo: <sip:you@own.example>\r\n"
TYPE = "Content-Type: text/plain\r\n"


def run(t):
    bob = t.phone("bob")
    control = t.control()

    def call(*texts):
        bob.note(f"{texts[0]} -> {control.call(*texts)}")

    for uri, hop, socket, headers, body in (
            ("own", ".", ".", PARTIES + TYPE, "text"),
            (bob.contact, "own", ".", PARTIES + TYPE, "text"),
            (bob.contact, ".", "udp:192.0.2.1:99", PARTIES + TYPE, "text"),
            (bob.contact, ".", ".", PARTIES, "text"),
            (bob.contact, ".", ".", "From: <sip:me@own.example>\r\n" + TYPE, "text"),
            (bob.contact, ".", ".", "To: <sip:me@own.example>\r\n" + TYPE, "text"),
            (bob.contact, ".", ".", PARTIES + TYPE + "X-Drop: 1\r\n", "text")):
        call("tm.t_uac_start", "MESSAGE", uri, hop, socket, headers, body)

    call("tm.t_uac_start", "MESSAGE", bob.contact, ".", ".", PARTIES + TYPE, "text")
    bob.reply(bob.expect("MESSAGE"), 200, "OK")

    for method, status, reason in (("MESSAGE", 200, "Fine"), ("INVITE", 486, "Busy Here"), ("MESSAGE", None, None)):
        control.begin("tm.t_uac_wait_block", method, bob.contact, ".", ".", PARTIES + TYPE, "text")
        request = bob.expect(method)
        if status is not None:
            bob.reply(request, status, reason)
            if method == "INVITE":
                bob.expect("ACK")
        bob.note(f"waited -> {control.answer()}")
