SDP = (
    "v=0\r\no=alice 28 2890 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "m=audio 49170 RTP/AVP 0 8 97 101\r\nb=AS:64\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 iLBC/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:97 mode=20\r\na=fmtp:101 0-15\r\na=X-foo:bar\r\n"
    "a=sendrecv\r\na=candidate:1 1 UDP 2130706431 10.0.0.2 49170 typ host\r\n"
    "m=video 51372 RTP/SAVP 31 32 99\r\nc=IN IP4 10.0.0.3\r\na=rtpmap:99 H264/90000\r\na=rtcp-fb:99 nack\r\n"
    "a=inactive\r\n")

BODIES = [
    (SDP, "application/sdp"),
    ("hello", "text/plain"),
    ("v=0\r\nm=audio\r\n", "application/sdp"),
    ("v=0\r\no=a 1 2 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP6 ::1\r\n", "application/sdp"),
    ("v=0\r\no=a 1 2 IN IP4 1.1.1.1\r\nc=IN IP4 1.1.1.1\r\nm=audio x RTP/AVP 0\r\n", "application/sdp"),
    ("junk\r\nv=0\r\no=a 1 2 IN IP4 1.1.1.1\r\nc=IN IP4 1.1.1.1\r\nm=audio 5/2 RTP/AVP\r\n", "application/sdp"),
    ("--bnd\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=bob 1 2 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\n"
     "m=audio 0 RTP/AVP 8 31 18 4\r\na=sendonly\r\n--bnd\r\nContent-Type: text/plain\r\n\r\nhello\r\n--bnd--\r\n",
     "multipart/mixed;boundary=bnd"),
]


def run(t):
    alice = t.phone("alice")
    for body, kind in BODIES:
        alice.note(kind)
        alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", body=body, content_type=kind))
        alice.expect(200)
