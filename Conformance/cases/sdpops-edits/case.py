SDP = (
    "v=0\r\no=alice 28 2890 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "m=audio 49170 RTP/AVP 0 8 97 101\r\nb=AS:64\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 iLBC/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:97 mode=20\r\na=fmtp:101 0-15\r\na=X-foo:bar\r\n"
    "a=sendrecv\r\na=candidate:1 1 UDP 2130706431 10.0.0.2 49170 typ host\r\n"
    "m=video 51372 RTP/SAVP 31 32 99\r\nc=IN IP4 10.0.0.3\r\na=rtpmap:99 H264/90000\r\na=rtcp-fb:99 nack\r\n"
    "a=inactive\r\n")

STEPS = 16


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for step in range(1, STEPS + 1):
        bob.note(f"step {step}")
        alice.note(f"step {step}")
        alice.send(alice.request(
            "MESSAGE", f"sip:own@127.0.0.1:{t.port}", body=SDP, content_type="application/sdp",
            headers=[("X-Step", str(step)), ("X-Bob", f"sip:127.0.0.1:{bob.port}")]))
        received = bob.receive(timeout=2)
        t.check(received is not None, f"step {step} forwarded")
        bob.reply(received, 200, "OK")
        alice.expect(200)
