from harness.malformed import either, stream_table

VARIANTS = ("tcp",)


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def length(value):
        return a.request("MESSAGE", uri, body="own body").set("Content-Length", value)

    version = a.request("MESSAGE", uri)
    version.start = f"MESSAGE {uri} SIP/3.0"
    stream_table(t, a, [
        # (label, bytes, (either(Kamailio, Apus), either(Kamailio, Apus)))
        ("NULs", b"\0" * 50, (None, either("open", "closed"))),
        ("TLS client hello", bytes.fromhex("16030100310100002d0303") + b"o" * 40, (None, either("open", "closed"))),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: own\r\nContent-Length: 0\r\n\r\n", (None, either("open", "closed"))),
        ("Content-Length 100000", length("100000"), (None, either("waiting", "closed"))),
        ("Content-Length twenty digits", length("99999999999999999999"), (None, either("waiting", "closed"))),
        ("Content-Length in a folded line", length("\r\n 8"), (either(None, 404), either("closed", "open"))),
        ("SIP/3.0", version, (either(None, 505), "open")),
        ("header of 20000 bytes", a.request("OPTIONS").add("Own", "x" * 20000),
         (either(None, 200), either("closed", "open"))),
        ("body of 60000 bytes", a.request("MESSAGE", uri, body="x" * 60000),
         (either(None, 404), either("closed", "open"))),
    ])
