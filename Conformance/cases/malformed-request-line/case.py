from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def line(text, method="MESSAGE"):
        request = a.request(method, uri)
        request.start = text
        return request

    table(t, a, [
        ("SIP/2", line(f"MESSAGE {uri} SIP/2"), None),
        ("HTTP/1.1", line(f"MESSAGE {uri} HTTP/1.1"), None),
        ("no version", line(f"MESSAGE {uri}"), None),
        ("version after two spaces", line(f"MESSAGE {uri}  SIP/2.0"), 404),
        ("space at the end", line(f"MESSAGE {uri} SIP/2.0 "), 404),
        ("words at the end", line(f"MESSAGE {uri} SIP/2.0 own"), None),
        ("tab as separator", line(f"MESSAGE\t{uri}\tSIP/2.0"), None),
        ("two spaces after the method", line(f"MESSAGE  {uri} SIP/2.0"), None),
        ("space before the method", line(f" MESSAGE {uri} SIP/2.0"), 404),
        ("URI in angle brackets", line(f"MESSAGE <{uri}> SIP/2.0"), 400),
        ("no URI", line("MESSAGE SIP/2.0"), None),
        ("empty URI", line("MESSAGE  SIP/2.0"), 400),
        ("method in lower case", line(f"message {uri} SIP/2.0"), 400),
        ("method in lower case, CSeq too", line(f"message {uri} SIP/2.0").set("CSeq", "1 message"), 404),
        ("unknown method", a.request("OWN", uri), 404),
        ("method of odd token characters", a.request("O-.!%*_+`'~", uri), 404),
        ("method of 300 letters", a.request("M" * 300, uri), 404),
        ("REGISTER in lower case", line(f"register sip:127.0.0.1:{t.port} SIP/2.0"), 400),
        ("space in the URI", line(f"MESSAGE sip:no body@127.0.0.1:{t.port} SIP/2.0"), None),
        ("URI of 1500 characters", line(f"MESSAGE sip:{'a' * 1480}@127.0.0.1:{t.port} SIP/2.0"), 404),
        ("folded", line(f"MESSAGE\r\n {uri} SIP/2.0"), None),
        ("absolute garbage", line("#$%&"), None),
    ])
