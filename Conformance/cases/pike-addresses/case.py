def run(t):
    alice = t.phone("alice")
    for address in ("193.175.132.164", "193.175.132.142", "193.175.1.142", "193.1.1.142", "10.0.0.1", "193.175.132.164"):
        alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", headers=[("X-Address", address)]))
        alice.expect(200)
    control = t.control()
    for words in (("pike.top", "WARM"), ("pike.top", "other")):
        alice.note(f"{words}: {control.call(*words)}")
