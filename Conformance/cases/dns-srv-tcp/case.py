NAMES = True


def answered(t, alice, phone, uri):
    """The request arrives at the phone, whose answer the caller gets."""
    alice.send(alice.request("MESSAGE", uri, body="own", content_type="text/plain"))
    request = phone.expect("MESSAGE")
    t.equal(request.uri, uri, "Request-URI")
    phone.reply(request, 200, "OK")
    alice.expect(200)


def run(t):
    alice, stream, one = t.phone("alice"), t.phone("stream", transport="tcp"), t.phone("one")
    t.names.add("host.tcp.test", "A", "127.0.0.1")
    t.names.add("_sip._tcp.tcp.test", "SRV", 10, 10, stream.port, "host.tcp.test")
    t.names.add("_sip._udp.tcp.test", "SRV", 10, 10, one.port, "host.tcp.test")
    answered(t, alice, stream, "sip:user@tcp.test;transport=tcp")
    answered(t, alice, one, "sip:user@tcp.test")
