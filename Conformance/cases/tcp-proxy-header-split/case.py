import socket
import struct

VARIANTS = ("tcp",)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(command, family, body):
    return SIGNATURE + bytes([0x20 | command, family]) + struct.pack(">H", len(body)) + body



def run(t):
    alice = t.phone("alice")
    four = socket.inet_aton("192.0.2.7") + socket.inet_aton("192.0.2.1") + struct.pack(">HH", 4000, 5062)
    alice.send(binary(1, 0x11, four) + alice.request("INFO", f"sip:x@127.0.0.1:{t.port}").encode())
    alice.expect(200)
    for header in (b"PROXY TCP4 192.0.2.7 192.0.2.1 4369 4626\r\n", binary(1, 0x11, four)):
        connection = alice.connect()
        try:
            for start in range(0, len(header), 5):
                alice.send(header[start:start + 5], over=connection)
                alice.fence()
            alice.send(alice.request("INFO", f"sip:x@127.0.0.1:{t.port}"), over=connection)
        except OSError:
            pass
        reply = alice.receive(2.0) if not connection.is_closed else None
        alice.note(f"answered {reply.status}" if reply else "closed")
