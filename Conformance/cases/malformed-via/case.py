from harness.malformed import table


def run(t):
    a = t.phone("alice")
    here = f"127.0.0.1:{a.port};branch=z9hG4bKown-via"

    def via(text):
        return a.request("OPTIONS").set("Via", text + str(t.next_number()) if text.endswith("via") else text)

    table(t, a, [
        ("empty", via(""), None),
        ("garbage", via("garbage"), None),
        ("version 3.0", via(f"SIP/3.0/UDP {here}"), None),
        ("HTTP", via(f"HTTP/2.0/UDP {here}"), None),
        ("transport unknown", via(f"SIP/2.0/OWN {here}"), 200),
        ("transport TCP in a datagram", via(f"SIP/2.0/TCP {here}"), 200),
        ("transport TLS in a datagram", via(f"SIP/2.0/TLS {here}"), 200),
        ("transport in lower case", via(f"SIP/2.0/udp {here}"), 200),
        ("sip in lower case", via(f"sip/2.0/UDP {here}"), 200),
        ("no transport", via(f"SIP/2.0 {here}"), None),
        ("no host", via("SIP/2.0/UDP ;branch=z9hG4bKown-1"), None),
        ("port 0", via("SIP/2.0/UDP 127.0.0.1:0;branch=z9hG4bKown-2"), 200),
        ("port of letters", via("SIP/2.0/UDP 127.0.0.1:abc;branch=z9hG4bKown-4"), None),
        ("port empty", via("SIP/2.0/UDP 127.0.0.1:;branch=z9hG4bKown-5"), None),
        ("IPv6 not closed", via("SIP/2.0/UDP [::1;branch=z9hG4bKown-6"), None),
        ("two branches", via(f"SIP/2.0/UDP {here};branch=z9hG4bKown-via"), 200),
        ("branch quoted", via(f'SIP/2.0/UDP 127.0.0.1:{a.port};branch="z9hG4bKown-8"'), 200),
        ("rport of letters", via(f"SIP/2.0/UDP 127.0.0.1:{a.port};rport=abc;branch=z9hG4bKown-13"), 200),
        ("comment", via(f"SIP/2.0/UDP 127.0.0.1:{a.port};branch=z9hG4bKown-15 (own comment)"), 200),
    ])
