from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def lines(old, new, method="MESSAGE", to=None):
        return a.request(method, to or uri).encode().replace(old, new, 1)

    ua = b"User-Agent:"
    table(t, a, [
        ("line without colon", lines(ua, b"Own line\r\nUser-Agent:"), None),
        ("line without colon, first", lines(b"Via:", b"Own line\r\nVia:"), None),
        ("no name", lines(ua, b": own\r\nUser-Agent:"), None),
        ("space in the name", lines(ua, b"Own Name: x\r\nUser-Agent:"), None),
        ("name of bytes above 127", lines(ua, b"\xfcber: x\r\nUser-Agent:"), None),
        ("name with NUL", lines(ua, b"Own\0Name: x\r\nUser-Agent:"), None),
        ("value with NUL", lines(ua, b"Own: a\0b\r\nUser-Agent:"), 404),
        ("value of all bytes", lines(ua, b"Own: " + bytes(b for b in range(256) if b not in (10, 13))
                                     + b"\r\nUser-Agent:"), 404),
        ("space before the first header", lines(b"Via:", b" Via:"), None),
        ("CR inside a value", lines(ua, b"Own: a\rb\r\nUser-Agent:"), 404),
        ("LF inside a value", lines(ua, b"Own: a\nb\r\nUser-Agent:"), None),
        ("value of 20000 bytes", lines(ua, b"Own: " + b"x" * 20000 + b"\r\nUser-Agent:"), 404),
        ("1000 header fields", lines(ua, b"Own: x\r\n" * 1000 + b"User-Agent:"), 404),
        ("name of 5000 bytes", lines(ua, b"O" * 5000 + b": x\r\nUser-Agent:"), 404),
        ("cut off within a name", lines(b"Content-Length: 0\r\n\r\n", b"Content-Le"), None),
        ("cut off within a value", lines(b"Content-Length: 0\r\n\r\n", b"Content-Length: 0"), None),
        ("cut off within CSeq", a.request("MESSAGE", uri).encode().split(b" MESSAGE\r\n")[0], None),
        ("line ends first", b"\r\n\r\n" + a.request("MESSAGE", uri).encode(), 404),
        ("spaces first", b"  " + a.request("MESSAGE", uri).encode(), 404),
        ("OPTIONS to the server, line without colon", lines(ua, b"Own line\r\nUser-Agent:", "OPTIONS", t.server_uri),
         None),
    ])
