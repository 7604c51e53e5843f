VARIANTS = ("udp",)


def run(t):
    alice = t.phone("alice")
    bob = t.phone("bob")
    stream = t.phone("stream", transport="tcp")
    small = alice.request("MESSAGE", f"sip:x@127.0.0.1:{bob.port}", body="small", content_type="text/plain")
    alice.send(small)
    received = bob.expect("MESSAGE")
    bob.reply(received, 200, "OK")
    alice.expect(200)
    large = alice.request("MESSAGE", f"sip:x@127.0.0.1:{stream.port}", body="x" * 2000, content_type="text/plain")
    alice.send(large)
    received = stream.expect("MESSAGE")
    t.check(received["Via"].startswith("SIP/2.0/TCP "), "Via names TCP")
    stream.reply(received, 200, "OK")
    alice.expect(200)
