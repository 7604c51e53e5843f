from harness.malformed import table


def run(t):
    a = t.phone("alice")

    def uri(text):
        return a.request("MESSAGE", text, to="<sip:own@example.com>")

    table(t, a, [
        ("sip:", uri("sip:"), 400),
        ("sip:@", uri("sip:@"), 400),
        ("sip:a@", uri("sip:a@"), 400),
        ("sip:@host", uri("sip:@127.0.0.1"), 400),
        ("sip:a@b@c", uri("sip:a@b@c"), 400),
        ("port of letters", uri("sip:a@127.0.0.1:abc"), 400),
        ("port empty", uri("sip:a@127.0.0.1:"), 403),
        ("port 0", uri("sip:a@127.0.0.1:0"), 403),
        ("port 65536", uri("sip:a@127.0.0.1:65536"), 400),
        ("port of ten digits", uri("sip:a@127.0.0.1:9999999999"), 400),
        ("IPv6 not closed", uri("sip:a@[::1"), 400),
        ("IPv6 without brackets", uri("sip:a@::1"), 400),
        ("IPv4 of five parts", uri("sip:a@1.2.3.4.5"), 403),
        ("escape cut off", uri(f"sip:a%2@127.0.0.1:{t.port}"), 404),
        ("escape not hexadecimal", uri(f"sip:a%zz@127.0.0.1:{t.port}"), 404),
        ("escaped NUL", uri(f"sip:a%00@127.0.0.1:{t.port}"), 404),
        ("bytes above 127", uri(f"sip:bö@127.0.0.1:{t.port}"), 404),
        ("host of 300 characters", uri("sip:a@" + "h" * 300), 403),
        ("parameter without name", uri(f"sip:nobody@127.0.0.1:{t.port};=own"), 404),
        ("many parameters", uri(f"sip:nobody@127.0.0.1:{t.port}" + ";own=1" * 60), 404),
        ("unknown scheme", uri("own:a@b"), 400),
        ("no scheme", uri("a@b"), 400),
        ("sips", uri(f"sips:nobody@127.0.0.1:{t.port}"), 404),
        ("transport of unknown name", uri(f"sip:nobody@127.0.0.1:{t.port};transport=own"), 404),
        ("transport tls", uri(f"sip:nobody@127.0.0.1:{t.port};transport=tls"), 404),
    ])
