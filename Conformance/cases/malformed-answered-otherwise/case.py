from harness.malformed import either, table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def line(text):
        request = a.request("MESSAGE", uri)
        request.start = text
        return request

    def lines(old, new):
        return a.request("MESSAGE", uri).encode().replace(old, new, 1)

    def to(text):
        return a.request("MESSAGE", text, to="<sip:own@example.com>")

    def via(text):
        return a.request("OPTIONS").set("Via", f"SIP/2.0/UDP 127.0.0.1:{text}")

    table(t, a, [
        # (label, request, either(Kamailio, Apus))
        ("SIP/3.0", line(f"MESSAGE {uri} SIP/3.0"), either(None, 505)),
        ("SIP/2.1", line(f"MESSAGE {uri} SIP/2.1"), either(None, 505)),
        ("SIP/2.00", line(f"MESSAGE {uri} SIP/2.00"), either(("SIP/2.00",), 505)),
        ("sip/2.0", line(f"MESSAGE {uri} sip/2.0"), either(("sip/2.0",), 404)),
        ("method with a slash", a.request("SIP/MESSAGE", uri), either(404, None)),
        ("method with a comma", a.request("MES,SAGE", uri), either(404, None)),
        ("CANCEL in lower case", a.request("cancel", uri), either(None, 404)),
        ("quote in the URI", line(f'MESSAGE sip:no"body@127.0.0.1:{t.port} SIP/2.0'), either(404, 400)),
        ("CSeq 2^32", a.request("MESSAGE", uri).set("CSeq", "4294967296 MESSAGE"), either(404, 400)),
        ("CSeq folded", a.request("MESSAGE", uri).set("CSeq", "1\r\n MESSAGE"), either(None, 404)),
        ("From name with NUL", a.request("MESSAGE", uri).set("From", '"A\0B" <sip:a@example.com>;tag=own'),
         either(400, 404)),
        ("no empty line at the end", lines(b"\r\n\r\n", b"\r\n"), either(400, None)),
        ("cut off after CSeq", a.request("MESSAGE", uri).encode().split(b"User-Agent")[0], either(404, None)),
        ("IPv6 with letters", to("sip:a@[::xyz]"), either(403, 400)),
        ("IPv6 empty", to("sip:a@[]"), either(403, 400)),
        ("host with underscore", to("sip:a@own_host"), either(400, 403)),
        ("parameters alone", to("sip:;own"), either(403, 400)),
        ("headers alone", to("sip:?own=1"), either(403, 400)),
        ("Via port 70000", via("70000;branch=z9hG4bKown-3"), either(200, None)),
        ("Via branch empty", via(f"{a.port};branch="), either(None, 200)),
        ("Via parameter empty", via(f"{a.port};;branch=z9hG4bKown-9"), either(None, 200)),
        ("Via semicolon at the end", via(f"{a.port};branch=z9hG4bKown-10;"), either(None, 200)),
        ("Via comma at the end", via(f"{a.port};branch=z9hG4bKown-11,"), either(None, 200)),
        ("Via second value broken", via(f"{a.port};branch=z9hG4bKown-12, garbage"), either(None, 200)),
        ("Via quoted parameter", via(f'{a.port};own="a;b,c";branch=z9hG4bKown-14'), either(None, 200)),
        ("200 Via values", via(f"{a.port};branch=z9hG4bKown-16" + ", SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKown" * 199),
         200),
    ])
