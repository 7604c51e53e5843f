def run(t):
    alice = t.phone("alice")
    here = f"sip:own@127.0.0.1:{t.port}"
    digest = 'Digest username="own", realm="r", nonce="n", uri="sip:u", response="x"'
    plain = ("MESSAGE", here, {}, {})

    def ask(bits, uris, uri=here, **fields):
        request = alice.request("MESSAGE", uri, headers=[("X-Bits", str(bits)), ("X-Uris", str(uris))])
        for name, value in fields.items():
            name = name.replace("_", "-")
            if value is None:
                request.remove(name)
            elif request.has(name):
                request.set(name, value)
            else:
                request.add(name, value)
        alice.note(f"{bits} {uris} {uri} {fields}")
        alice.send(request)
        alice.fence()
        alice.inbox.clear()

    for bits in (1, 2, 4, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767):
        ask(bits, 15)
    ask(2, 7, "tel:+12015550123")
    ask(2, 7, "urn:service:sos")
    ask(1024, 1, "sip:own@")
    ask(4, 7, Max_Forwards=None)
    ask(4, 7, Content_Length=None)
    ask(256, 7, Expires="60")
    ask(256, 7, Expires="own")
    ask(256, 7, Expires="99999999999999")
    ask(512, 7, Proxy_Require="own, foo")
    ask(512, 7, Proxy_Require="foo")
    ask(512, 7, Proxy_Require="own-unknown")
    ask(128, 7, Content_Length="0")
    ask(1024, 2, From="<sip:a b@c>;tag=own-1")
    ask(1024, 2, From="<mailto:own@x>;tag=own-1")
    ask(1024, 2, From="<tel:+1201>;tag=own-1")
    ask(1024, 4, To="<mailto:own@x>")
    ask(1024, 8, Contact="<sip:own@127.0.0.1>")
    ask(1024, 8, Contact="*")
    ask(1024, 8, Contact="<mailto:own@x>")
    ask(1024, 8)
    ask(2048, 7, Authorization=digest)
    ask(2048, 7, Authorization=digest.replace('nonce="n", ', ""))
    ask(2048, 7, Proxy_Authorization=digest.replace('realm="r", ', ""))
    ask(2048, 7, Proxy_Authorization="Basic b3duOm93bg==")
    ask(8192, 7, Authorization=digest)
    ask(8192, 7, Authorization="Digest own")
    ask(8192, 7, Authorization="own")
    ask(4096, 7, From="<sip:a@b>;tag=own-1;tag=own-2")
    ask(4096, 7, To="<sip:a@b>;tag=own-1;tag=own-2")
    ask(4096, 7, To="<sip:a@b>;tag=own-1;x=y")
    ask(32, 7, CSeq="1 INFO")
    ask(64, 7, CSeq="4294967295 MESSAGE")
    ask(64, 7, CSeq="2147483648 MESSAGE")
    ask(64, 7, CSeq="4294967296 MESSAGE")
    ask(32, 7, CSeq="1 message")
    for bits in (2048, 8192):
        for value in ("Digest own", "Digest", "Basic own", "own", "Digest username=own", digest + ", own=x", ""):
            ask(bits, 7, Authorization=value)
            ask(bits, 7, Proxy_Authorization=value)
