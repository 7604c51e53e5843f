VARIANTS = ("udp", "tcp")


def run(t):
    alice = t.phone("alice")
    rich = alice.request("MESSAGE", f"sip:bob:pw@127.0.0.1:{t.port};transport={t.transport};x=y?h=v", to=(
        '"Bob \\"B\\" Own" <sip:bob@example.com:5070;user=phone>'), body="own body",
        content_type="text/plain", headers=[
            ("X-One", "1"), ("X-Two", "a, b"), ("X-Two", "c"), ("Expires", "120"),
            ("Contact", '"A" <sip:a@127.0.0.1:1>;expires=60, <sip:b@127.0.0.1:2>;expires=90'),
            ("P-Asserted-Identity", "<sip:pai@example.com>"), ("P-Preferred-Identity", "<sip:ppi@example.com>"),
            ("Remote-Party-ID", "<sip:rpid@example.com>;privacy=off"), ("Refer-To", "<sip:refer@example.com>"),
            ("Diversion", "<sip:div@example.com>;reason=no-answer;privacy=full;counter=1"),
            ("Proxy-Authorization", 'Digest username="own@realm", realm="r", nonce="n", uri="sip:u", response="0"')])
    rich.add("Via", "SIP/2.0/TCP second.example:5090;branch=z9hG4bKown-second")
    alice.send(rich)
    reply = alice.expect(200)
    t.check(any(value.endswith("rU = bob") for _, value in reply.headers), "$rU")
    bare = alice.request("MESSAGE", t.server_uri, to="sip:carol@example.com").remove("User-Agent")
    alice.send(bare)
    alice.expect(200)
    alice.send(alice.request("MESSAGE", "tel:+1201;phone-context=x", to="<tel:+1202>;tag=own-t"))
    alice.expect(200)
