def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:service@127.0.0.1:{t.port}", headers=[
        ("X-1", "sip:a@192.0.2.3"), ("X-2", "sip:b@192.0.2.4")]))
    alice.expect(302)
