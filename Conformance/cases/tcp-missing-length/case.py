VARIANTS = ("tcp",)


def run(t):
    alice = t.phone("alice")
    first = alice.request("INFO", f"sip:x@127.0.0.1:{t.port}")
    first.remove("Content-Length")
    second = alice.request("INFO", f"sip:x@127.0.0.1:{t.port}")
    alice.send(first.encode() + second.encode())
    alice.expect(200)
    alice.expect(200)
