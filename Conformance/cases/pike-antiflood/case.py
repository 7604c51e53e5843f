import socket


def served(t, host, count):
    """How many of so many requests from an address were answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((host, 0))
        phone.settimeout(5.0)
        phone.connect(("127.0.0.1", t.port))
        here = phone.getsockname()[1]
        answers = 0
        for number in range(count):
            phone.send((
                f"MESSAGE sip:own@127.0.0.1:{t.port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {host}:{here};branch=z9hG4bKown-{number}\r\nMax-Forwards: 70\r\n"
                f"From: <sip:own@{host}>;tag=own\r\nTo: <sip:own@127.0.0.1>\r\n"
                f"Call-ID: own-{host}-{number}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n").encode())
            if answers < number:
                phone.settimeout(0.05)
            try:
                answers += phone.recv(65536).startswith(b"SIP/2.0 200 ")
            except TimeoutError:
                pass
        return answers


def run(t):
    alice = t.phone("alice")
    for host in ("127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.1"):
        alice.note(f"{host}: {served(t, host, 25)} of 25 served")
    control = t.control()
    for host in ("127.0.0.2", "127.0.0.3", "127.0.0.1"):
        alice.note(f"ban of {host}: {' '.join(control.call('htable.get', 'ipban', host).split(' ')[:5])}")
