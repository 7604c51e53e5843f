from harness.malformed import stream_table

VARIANTS = ("tcp",)


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def length(value):
        return a.request("MESSAGE", uri, body="own body").set("Content-Length", value)

    def line(text):
        request = a.request("MESSAGE", uri)
        request.start = text
        return request

    stream_table(t, a, [
        ("good", length("8"), (404, "open")),
        ("text without line end", b"hello, world", (None, "closed")),
        ("text and an empty line", b"hello, world\r\n\r\n", (None, "closed")),
        ("binary", bytes(range(1, 256)), (None, "closed")),
        ("no Content-Length", length("8").remove("Content-Length"), (None, "closed")),
        ("no Content-Length, no body", a.request("OPTIONS").remove("Content-Length"), (None, "closed")),
        ("Content-Length of letters", length("eight"), (None, "closed")),
        ("Content-Length negative", length("-1"), (None, "closed")),
        ("Content-Length empty", length(""), (None, "closed")),
        ("Content-Length too large", length("9"), (404, "open")),
        ("Content-Length 2^31", length("2147483648"), (None, "closed")),
        ("Content-Length too small", length("3"), (404, "open")),
        ("two Content-Length, equal", length("8").add("Content-Length", "8"), (None, "open")),
        ("two Content-Length, different", length("8").add("Content-Length", "0"), (None, "closed")),
        ("Content-Length compact", length("8").rename("Content-Length", "l"), (404, "open")),
        ("Content-Length in odd case", length("8").rename("Content-Length", "cONTENT-lENGTH"), (404, "open")),
        ("Content-Length before others", length("8").remove("Content-Length").encode().replace(
            b"Via:", b"Content-Length: 8\r\nVia:", 1), (404, "open")),
        ("no version", line(f"MESSAGE {uri}"), (None, "closed")),
        ("no Via", a.request("MESSAGE", uri).remove("Via"), (None, "closed")),
        ("no CSeq", a.request("MESSAGE", uri).remove("CSeq"), (None, "closed")),
        ("CSeq of another method", a.request("MESSAGE", uri).set("CSeq", "1 INVITE"), (400, "open")),
        ("Via UDP", a.request("OPTIONS").set("Via", f"SIP/2.0/UDP 127.0.0.1:{a.port};branch=z9hG4bKown"),
         (200, "open")),
        ("LF only", a.request("OPTIONS").encode().replace(b"\r\n", b"\n"), (200, "open")),
        ("header of 70000 bytes", a.request("OPTIONS").add("Own", "x" * 70000), (None, "closed")),
        ("HTTP without length", b"GET / HTTP/1.1\r\nHost: own\r\n\r\n", (None, "closed")),
        ("line ends first", b"\r\n\r\n\r\n" + a.request("OPTIONS").encode(), (200, "open")),
        ("one line end first", b"\r\n" + a.request("OPTIONS").encode(), (200, "open")),
        ("spaces first", b"   " + a.request("OPTIONS").encode(), (200, "open")),
    ])
