def run(t):
    bob = t.phone("bob")
    for cseq, (parameter, header, wanted) in enumerate(
            [("", 7200, 200), (";expires=7200", None, 200), (";expires=4294967295", None, 200),
             ("", 99999999999, 400), ("", None, 200), (";expires=abc", None, 200), ("", "abc", 400)], 1):
        bob.send(bob.register_request(f"<{bob.contact}>{parameter}", expires=header, cseq=cseq))
        reply = bob.expect(wanted)
        t.check(wanted == 400 or reply["Contact"].endswith(";expires=3600"), "one hour")
