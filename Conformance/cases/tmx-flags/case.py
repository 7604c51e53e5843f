def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("plain", "flags", "xflags"):
        alice.note(case)
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-Case", case)]))
        one.reply(one.expect("MESSAGE"), 486, "Busy Here")
        alice.expect(499)
