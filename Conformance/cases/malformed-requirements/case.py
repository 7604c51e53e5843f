from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"
    table(t, a, [
        ("Proxy-Require", a.request("MESSAGE", uri, headers=[("Proxy-Require", "own")]), 404),
        ("Require", a.request("MESSAGE", uri, headers=[("Require", "own")]), 404),
        ("Proxy-Require, REGISTER", a.register_request(f"<{a.contact}>", headers=[("Proxy-Require", "own")]), 200),
        ("Content-Type missing", a.request("MESSAGE", uri, body="own").remove("Content-Type"), 404),
        ("Content-Encoding unknown", a.request("MESSAGE", uri, body="own", headers=[("Content-Encoding", "own")]), 404),
        ("Expires garbage", a.request("MESSAGE", uri, headers=[("Expires", "soon")]), 400),
        ("Date garbage", a.request("MESSAGE", uri, headers=[("Date", "soon")]), 404),
        ("Authorization garbage", a.request("MESSAGE", uri, headers=[("Proxy-Authorization", "soon")]), 404),
        ("Digest without values", a.request("MESSAGE", uri, headers=[("Proxy-Authorization", "Digest")]), 404),
        ("Record-Route garbage", a.request("MESSAGE", uri, headers=[("Record-Route", "soon")]), 404),
        ("Contact garbage", a.request("MESSAGE", uri, headers=[("Contact", "<<<")]), 404),
    ])
