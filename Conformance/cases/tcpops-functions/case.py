VARIANTS = ("tcp", "udp")


def run(t):
    alice = t.phone("alice")
    if t.transport == "udp":
        alice.send(alice.request("MESSAGE", f"sip:plain@127.0.0.1:{t.port}"))
        alice.expect(200)
        return
    first, second = alice.connect(), alice.connect()
    alice.send(alice.request("MESSAGE", f"sip:numbered@127.0.0.1:{t.port}"), over=first)
    reply = alice.expect(200)
    t.equal(reply.get("X-07"), "same", "the connection found by its address")
    port = str(second.sock.getsockname()[1])
    request = alice.request("MESSAGE", f"sip:close-other@127.0.0.1:{t.port}", headers=[("X-Port", port)])
    alice.send(request, over=first)
    alice.expect(200)
    alice.expect_closed(second)
    alice.send(alice.request("MESSAGE", f"sip:close@127.0.0.1:{t.port}"), over=first)
    alice.expect(200)
    alice.expect_closed(first)
