def run(t):
    alice = t.phone("alice")
    for line in ("HTTP/1.1 200 OK", "HTTP/1.0 404 Not Found", "http/1.1 200 OK", "HTTP/1.1 99 Odd",
                 "SIP/2.0 200 Fine"):
        alice.note(line)
        alice.send((
            f"{line}\r\nVia: SIP/2.0/UDP 127.0.0.1:{t.port};branch=z9hG4bKown1\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{alice.port};branch=z9hG4bKown2\r\n"
            "From: <sip:a@example.org>;tag=own1\r\nTo: <sip:b@example.org>;tag=own2\r\nCall-ID: own\r\n"
            "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode())
        alice.send(alice.request("OPTIONS"))
        alice.expect(200)
