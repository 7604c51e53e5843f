from harness.secfilter import make_lists

make_lists("secfilter-lists")


def run(t):
    alice = t.phone("alice")

    def ask(sender="<sip:a@b.c>", to="<sip:b@b.c>", **fields):
        request = alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", to=to)
        request.set("From", f"{sender};tag=own")
        for name, value in fields.items():
            request.set(name.replace("_", "-"), value)
        alice.send(request)
        alice.expect(200)

    for product in ("friendly-scanner", "SipCli/v1", "xsipcli", "asterisk pbx 1", "friendly"):
        ask(User_Agent=product)
    for address in (
            "<sip:sipvicious1@x>", "<sip:SIPVICIOUS@x>", "<sip:xsipvicious@x>", "<sip:a@bad.example>",
            "<sip:a@bad.example.com>", "<sip:a@x.bad.example>", "<sip:a@good.example>", "<sip:trusted@bad.example>",
            '"Eve" <sip:a@b>', '"Eve Smith" <sip:a@b>', "Eve <sip:a@b>", '"trusted" <sip:sipvicious@b>',
            '"Eve" <sip:sipvicious@bad.example>', '"trusted" <sip:a@good.example>', '"Eve" <sip:a@good.example>',
            "<sip:sipvicious@good.example>", '"Eve" <sip:trusted@bad.example>', '"\\"Eve" <sip:a@b>',
            "<tel:sipvicious>"):
        ask(sender=address)
        ask(to=address)
    for contact in (
            "<sip:sipvicious@x>", "<sip:a@bad.example>", '"Eve" <sip:a@b>', "<sip:trusted@b>", "<sip:a@good.example>",
            "<sip:a@b>, <sip:sipvicious@c>", "<sip:1.2.3.4>"):
        ask(Contact=contact)
    for text in ("ps", "PS", "psx", "es", "de", "555123", "5551234", "+555123", "a'b", 'a"b', "a--b", "a-b", "a%27b",
                 "a%24", "a%60", "a%22", "a=b;c"):
        ask(X_Text=text)
    control = t.control()
    for words in (
            ("secfilter.add_bl", "ip", "127.0."), ("secfilter.add_wl", "user", "a"), ("secfilter.print", "ip"),
            ("secfilter.print",), ("secfilter.print", "dst"), ("secfilter.print", "own"), ("secfilter.add_bl", "own", "x"), ("secfilter.stats",), ("secfilter.stats_reset",)):
        alice.note(f"{words}: {control.call(*words)}")
    ask()
    alice.note(control.call("secfilter.reload"))
    ask()
