from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"
    table(t, a, [
        ("other method", a.request("MESSAGE", uri).set("CSeq", "1 INVITE"), 400),
        ("method in lower case", a.request("MESSAGE", uri).set("CSeq", "1 message"), 400),
        ("longer method", a.request("MESSAGE", uri).set("CSeq", "1 MESSAGES"), 400),
        ("no method", a.request("MESSAGE", uri).set("CSeq", "1"), None),
        ("no number", a.request("MESSAGE", uri).set("CSeq", "MESSAGE"), None),
        ("empty", a.request("MESSAGE", uri).set("CSeq", ""), None),
        ("negative", a.request("MESSAGE", uri).set("CSeq", "-1 MESSAGE"), 400),
        ("0", a.request("MESSAGE", uri).set("CSeq", "0 MESSAGE"), 404),
        ("2^31", a.request("MESSAGE", uri).set("CSeq", "2147483648 MESSAGE"), 404),
        ("2^32 - 1", a.request("MESSAGE", uri).set("CSeq", "4294967295 MESSAGE"), 404),
        ("twenty digits", a.request("MESSAGE", uri).set("CSeq", "99999999999999999999 MESSAGE"), 400),
        ("letters in the number", a.request("MESSAGE", uri).set("CSeq", "1a MESSAGE"), 400),
        ("leading zeros", a.request("MESSAGE", uri).set("CSeq", "0007 MESSAGE"), 404),
        ("a third word", a.request("MESSAGE", uri).set("CSeq", "1 MESSAGE own"), None),
        ("two CSeq, equal", a.request("MESSAGE", uri).add("CSeq", "1 MESSAGE"), None),
        ("two CSeq, different", a.request("MESSAGE", uri).add("CSeq", "2 INVITE"), None),
        ("OPTIONS to the server, other method", a.request("OPTIONS").set("CSeq", "1 INVITE"), 200),
        ("REGISTER, other method", a.register_request(f"<{a.contact}>").set("CSeq", "1 INVITE"), 400),
        ("INVITE, other method", a.request("INVITE", uri).set("CSeq", "1 ACK"), 400),
    ])
