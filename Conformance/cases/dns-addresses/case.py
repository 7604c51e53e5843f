NAMES = True


def answered(t, alice, phone, uri):
    """The request arrives at the phone, whose answer the caller gets."""
    alice.send(alice.request("MESSAGE", uri, body="own", content_type="text/plain"))
    request = phone.expect("MESSAGE")
    t.equal(request.uri, uri, "Request-URI")
    phone.reply(request, 200, "OK")
    alice.expect(200)


def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    t.names.add("plain.addr.test", "A", "127.0.0.1")
    t.names.add("alias.addr.test", "CNAME", "plain.addr.test")
    answered(t, alice, one, f"sip:user@alias.addr.test:{one.port}")
    t.names.add("_sip._udp.lost.test", "SRV", 10, 10, 9, "nowhere.test")
    t.names.add("_sip._udp.lost.test", "SRV", 20, 10, one.port, "plain.addr.test")
    answered(t, alice, one, "sip:user@lost.test")
