FIELDS = (
    ("Subject", "hello world"), ("Event", "presence;id=4"), ("User-Agent", "Phone 1"),
    ("Organization", "Org"), ("Priority", "urgent"), ("Identity", "ident"),
    ("Session-Expires", "1800;refresher=uac"), ("Min-SE", "90"), ("Expires", "60"), ("SIP-If-Match", "etag"),
    ("Date", "Thu, 21 Feb 2002 13:02:03 GMT"), ("Remote-Party-ID", '"Rp" <sip:rp@p.example;k=1>;party=calling;x=4'),
    ("Refer-To", "<sip:ref@r.example>;x=1"), ("X-List", "one;a=1;b=2, two;a=3;b=4"), ("X-List", "three;a=5"),
    ("X-Addr", '"N" <sip:u@h;p=1>;q=0.2'), ("Supported", "timer, path"),
    ("Authorization", 'Digest username="u@d.example", realm="r.example", nonce="n1", uri="sip:x", '
     'response="0123456789abcdef0123456789abcdef", opaque="op", algorithm=MD5, qop=auth, cnonce="cn", nc=00000001'),
    ("Authorization", 'Digest username="second", realm="other", nonce="n2", uri="sip:y", '
     'response="0123456789abcdef0123456789abcdee"'),
    ("Proxy-Authorization", 'Digest username="pu", realm="r.example", nonce="pn", uri="sip:z", '
     'response="0123456789abcdef0123456789abcded"'),
)


def run(t):
    alice = t.phone("alice")
    alice.note("everything")
    request = alice.request("MESSAGE", f"sip:u@127.0.0.1:{t.port}", body="v=0\n")
    request.set("From", '"Al B" <sip:al:pw@a.example:5070;z=2>;tag=own-1;x=3')
    request.set("Contact", '"Al" <sip:al@192.0.2.7:5090>;expires=300;q=0.5')
    for name, value in FIELDS:
        request.add(name, value)
    alice.send(request)
    alice.expect(200)
    alice.note("little")
    alice.send(alice.request("MESSAGE", f"sip:u@127.0.0.1:{t.port}"))
    alice.expect(200)
