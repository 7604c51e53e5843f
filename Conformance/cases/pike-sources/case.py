VARIANTS = ("udp", "udp6", "tcp")


def run(t):
    alice = t.phone("alice")
    for _ in range(2):
        alice.send(alice.request("MESSAGE", f"sip:own@{alice.host_text}:{t.port}"))
        alice.expect(200)
    answer = t.control().call("pike.top")
    # How long it is kept depends on when the second turns.
    alice.note(answer.replace("1199", "1200"))
