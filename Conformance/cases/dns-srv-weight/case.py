NAMES = True


def answered(t, alice, phone, uri):
    """The request arrives at the phone, whose answer the caller gets."""
    alice.send(alice.request("MESSAGE", uri, body="own", content_type="text/plain"))
    request = phone.expect("MESSAGE")
    t.equal(request.uri, uri, "Request-URI")
    phone.reply(request, 200, "OK")
    alice.expect(200)


def run(t):
    alice, one, two = (t.phone(name) for name in ("alice", "one", "two"))
    t.names.add("host.weight.test", "A", "127.0.0.1")
    t.names.add("_sip._udp.weight.test", "SRV", 10, 10, two.port, "host.weight.test")
    t.names.add("_sip._udp.weight.test", "SRV", 10, 60, one.port, "host.weight.test")
    for _ in range(5):
        answered(t, alice, one, "sip:user@weight.test")
