from harness.web import Web


def run(t):
    alice = t.phone("alice")
    web = Web({
        "/plain": (200, "hello\n"), "/lines": (200, "one\ntwo\n"), "/empty": (200, ""), "/created": (201, "made"),
        "/moved": (302, "over there", {"Location": "/plain"}), "/refused": (403, "go away"),
        "/broken": (500, "no idea"), "/none": (204, ""),
    })
    closed = Web({})
    closed.close()
    try:
        for kind, path, port in [
            ("get", path, web.port) for path in ("/plain", "/lines", "/empty", "/created", "/refused", "/broken",
                                                 "/none", "/absent", "/plain?a=b%20c", "/moved")
        ] + [(kind, path, web.port) for kind in ("post", "headers", "get4")
             for path in ("/plain", "/broken")] + [("get", "/plain", closed.port)]:
            alice.note(f"{kind} {path} {'closed' if port == closed.port else ''}")
            del web.asked[:]
            alice.send(alice.request("MESSAGE", f"sip:{kind}@127.0.0.1:{t.port}",
                                     headers=[("X-Port", str(port)), ("X-Path", path)]))
            alice.expect(200, timeout=5)
            for method, asked, body, headers in web.asked:
                alice.note(f"asked {method} {asked} [{body}] {sorted(headers.items())}")
    finally:
        web.close()
