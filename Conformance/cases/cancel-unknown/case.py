def run(t):
    alice = t.phone("alice")
    invite = alice.request("INVITE", f"sip:nobody@127.0.0.1:{t.port}")
    alice.cancel(invite)
    alice.expect_silence()
