NAMES = True


def answered(t, alice, phone, uri):
    """The request arrives at the phone, whose answer the caller gets."""
    alice.send(alice.request("MESSAGE", uri, body="own", content_type="text/plain"))
    request = phone.expect("MESSAGE")
    t.equal(request.uri, uri, "Request-URI")
    phone.reply(request, 200, "OK")
    alice.expect(200)


def run(t):
    alice, one, two, three = (t.phone(name) for name in ("alice", "one", "two", "three"))
    t.names.add("host.srv.test", "A", "127.0.0.1")
    t.names.add("srv.test", "A", "127.0.0.1")
    t.names.add("_sip._udp.srv.test", "SRV", 20, 90, two.port, "host.srv.test")
    t.names.add("_sip._udp.srv.test", "SRV", 10, 10, one.port, "host.srv.test")
    answered(t, alice, one, "sip:user@srv.test")
    answered(t, alice, one, "sip:user@SRV.test;transport=udp")
    answered(t, alice, three, f"sip:user@srv.test:{three.port}")
