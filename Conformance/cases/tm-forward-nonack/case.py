def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[("X-Case", "none")]))
    alice.receive(1)
    alice.note("none")
