def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
        ("X-1", one.contact), ("X-2", two.contact)]))
    one.reply(one.expect("MESSAGE"), 486, "One")
    two.reply(two.expect("MESSAGE"), 487, "Two")
    one.reply(one.expect("MESSAGE"), 488, "Three")
    alice.expect(488)
