from harness.secfilter import make_lists

make_lists("secfilter-contacts")


def run(t):
    alice = t.phone("alice")
    for contacts in (
            ["<sip:a@b>, <sip:sipvicious@c>"], ["<sip:sipvicious@c>, <sip:a@b>"], ["<sip:a@b>, <sip:trusted@c>"],
            ["<sip:a@b>", "<sip:sipvicious@c>"], ["<sip:sipvicious@c>", "<sip:a@b>"], ["*"]):
        request = alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}")
        for contact in contacts:
            request.add("Contact", contact)
        alice.note(f"{contacts}")
        alice.send(request)
        alice.expect(200)
