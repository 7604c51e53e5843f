from harness.malformed import table


def run(t):
    a = t.phone("alice")

    def reply(start, **fields):
        message = a.response(a.request("INVITE", t.server_uri), 200, "OK")
        message.start = start
        for name, value in fields.items():
            message = message.remove(name) if value is None else message.set(name, value)
        return message

    own = f"SIP/2.0/UDP 127.0.0.1:{t.port};branch=z9hG4bKown-unknown"
    table(t, a, [
        ("no Via", reply("SIP/2.0 200 OK", Via=None), None),
        ("Via of a phone only", reply("SIP/2.0 200 OK"), None),
        ("Via of the server only", reply("SIP/2.0 200 OK", Via=own), None),
        ("status 99", reply("SIP/2.0 99 OK", Via=own), None),
        ("status 700", reply("SIP/2.0 700 OK", Via=own), None),
        ("status 2000", reply("SIP/2.0 2000 OK", Via=own), None),
        ("status of letters", reply("SIP/2.0 abc OK", Via=own), None),
        ("no reason", reply("SIP/2.0 200", Via=own), None),
        ("no status", reply("SIP/2.0", Via=own), None),
        ("SIP/3.0", reply("SIP/3.0 200 OK", Via=own), None),
        ("HTTP/1.1", reply("HTTP/1.1 200 OK", Via=own), None),
        ("no CSeq", reply("SIP/2.0 200 OK", Via=own, CSeq=None), None),
        ("no To", reply("SIP/2.0 200 OK", Via=own, To=None), None),
        ("no From", reply("SIP/2.0 200 OK", Via=own, From=None), None),
    ])
