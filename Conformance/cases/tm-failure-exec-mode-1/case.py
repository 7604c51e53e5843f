def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case in ("one", "two"):
        alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-Case", case)]))
        alice.expect(478)
        alice.note(case)
        one.expect_silence()
