from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"
    table(t, a, [
        ("no Via", a.request("MESSAGE", uri).remove("Via"), None),
        ("no From", a.request("MESSAGE", uri).remove("From"), None),
        ("no To", a.request("MESSAGE", uri).remove("To"), None),
        ("no Call-ID", a.request("MESSAGE", uri).remove("Call-ID"), None),
        ("no CSeq", a.request("MESSAGE", uri).remove("CSeq"), None),
        ("no Max-Forwards", a.request("MESSAGE", uri).remove("Max-Forwards"), 404),
        ("OPTIONS to the server without From", a.request("OPTIONS").remove("From"), None),
        ("OPTIONS to the server without To", a.request("OPTIONS").remove("To"), None),
        ("OPTIONS to the server without Call-ID", a.request("OPTIONS").remove("Call-ID"), None),
        ("OPTIONS to the server without CSeq", a.request("OPTIONS").remove("CSeq"), None),
        ("OPTIONS to the server without Via", a.request("OPTIONS").remove("Via"), None),
        ("REGISTER without From", a.register_request(f"<{a.contact}>").remove("From"), None),
        ("REGISTER without To", a.register_request(f"<{a.contact}>").remove("To"), None),
        ("REGISTER without Call-ID", a.register_request(f"<{a.contact}>").remove("Call-ID"), None),
        ("INVITE without Contact", a.request("INVITE", uri).remove("Contact"), 404),
        ("ACK without CSeq", a.request("ACK", uri).remove("CSeq"), None),
        ("request line alone", b"MESSAGE sip:a@127.0.0.1 SIP/2.0\r\n\r\n", None),
    ])
