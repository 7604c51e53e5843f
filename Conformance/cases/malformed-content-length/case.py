from harness.malformed import table


def run(t):
    a = t.phone("alice")
    uri = f"sip:nobody@127.0.0.1:{t.port}"

    def length(value):
        return a.request("MESSAGE", uri, body="own body").set("Content-Length", value)

    table(t, a, [
        ("right", length("8"), 404),
        ("one too large", length("9"), 400),
        ("far too large", length("1000000"), 400),
        ("too small", length("3"), 400),
        ("0 with a body", length("0"), 400),
        ("negative", length("-1"), None),
        ("letters", length("eight"), None),
        ("digits and letters", length("8x"), None),
        ("empty", length(""), None),
        ("2^31", length("2147483648"), None),
        ("2^32", length("4294967296"), None),
        ("twenty digits", length("99999999999999999999"), None),
        ("two equal", length("8").add("Content-Length", "8"), None),
        ("two different", length("8").add("Content-Length", "0"), None),
        ("missing", length("8").remove("Content-Length"), 404),
        ("missing, REGISTER", a.register_request(f"<{a.contact}>").remove("Content-Length"), 200),
        ("too large, OPTIONS to the server", a.request("OPTIONS").set("Content-Length", "9"), 200),
        ("white space and zeros", length("  0008  "), 404),
        ("plus sign", length("+8"), None),
    ])
