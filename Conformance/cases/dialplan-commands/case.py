from harness.dialplan import make_table

make_table("dialplan-commands")  # before the servers start: they read it then


def run(t):
    alice = t.phone("alice")
    control = t.control()

    def ask(*words):
        alice.note(f"{' '.join(map(str, words))}: {control.call(*words)}")

    for dialplan in (2, 4, 99, 0, "x"):
        ask("dialplan.dump", dialplan)
    ask("dialplan.dump")
    for text in ("bob", "norepl", "nobody", "noattr", "emptyout", ""):
        ask("dialplan.translate", 4, text)
    ask("dialplan.translate", 99, "bob")
    ask("dialplan.translate", "x", "bob")
    ask("dialplan.translate", 4)
    ask("dialplan.translate", 1, "pv-7")
    ask("dialplan.translate", 1, "substnomatch")
    ask("dialplan.reload")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(200)
