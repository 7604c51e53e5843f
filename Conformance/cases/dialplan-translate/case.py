from harness.dialplan import make_table

make_table("dialplan-translate")  # before the servers start: they read it then


def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(200)
