from harness.malformed import table


def run(t):
    a = t.phone("alice")
    table(t, a, [
        ("empty", b"", None),
        ("one NUL", b"\0", None),
        ("four NULs", b"\0\0\0\0", None),
        ("CRLF", b"\r\n", None),
        ("CRLF CRLF", b"\r\n\r\n", None),
        ("one letter", b"x", None),
        ("text", b"hello, world\r\n\r\n", None),
        ("binary", bytes(range(256)), None),
        ("600 spaces", b" " * 600, None),
        ("600 colons", b":" * 600, None),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: own\r\n\r\n", None),
        ("STUN binding request", b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"own-own-own-", None),
        ("RTP", b"\x80\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01" + b"\xff" * 160, None),
        ("SIP", b"SIP", None),
        ("SIP/2.0", b"SIP/2.0", None),
        ("INVITE", b"INVITE", None),
        ("65000 letters", b"x" * 65000, None),
        ("60000 bytes of headers", b"OPTIONS sip:a SIP/2.0\r\n" + b"a: b\r\n" * 10000, None),
    ])
