def run(t):
    alice, one, two = t.phone("alice"), t.phone("one"), t.phone("two")
    alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
        ("X-1", one.contact), ("X-2", two.contact)]))
    at_one, at_two = one.expect("MESSAGE"), two.expect("MESSAGE")
    one.reply(at_one, 183, "Own Progress")
    alice.expect(183)
    one.reply(at_one, 404, "Own Nowhere")
    two.reply(at_two, 486, "Own Busy")
    alice.expect(499)
