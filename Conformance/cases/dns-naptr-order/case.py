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
    t.names.add("host.naptr.test", "A", "127.0.0.1")
    t.names.add("naptr.test", "NAPTR", 10, 10, "s", "SIP+D2T", "", "_sip._tcp.naptr.test")
    t.names.add("naptr.test", "NAPTR", 20, 10, "s", "SIP+D2U", "", "_sip._udp.naptr.test")
    t.names.add("_sip._tcp.naptr.test", "SRV", 10, 10, stream.port, "host.naptr.test")
    t.names.add("_sip._udp.naptr.test", "SRV", 10, 10, one.port, "host.naptr.test")
    t.names.add("_sip._tcp.only.test", "SRV", 10, 10, stream.port, "host.naptr.test")
    answered(t, alice, stream, "sip:user@naptr.test")
    answered(t, alice, stream, "sip:user@only.test")
