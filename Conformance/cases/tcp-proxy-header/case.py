import socket
import struct

VARIANTS = ("tcp",)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(command, family, body):
    return SIGNATURE + bytes([0x20 | command, family]) + struct.pack(">H", len(body)) + body



def run(t):
    alice = t.phone("alice")
    four = socket.inet_aton("192.0.2.7") + socket.inet_aton("192.0.2.1") + struct.pack(">HH", 0x1111, 0x1212)
    six = socket.inet_pton(socket.AF_INET6, "2001:db8::7") + socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    six += struct.pack(">HH", 0x1111, 0x1212)
    for header in (
            b"PROXY TCP4 192.0.2.7 192.0.2.1 4369 4626\r\n", b"PROXY TCP6 2001:db8::7 2001:db8::1 4369 4626\r\n",
            binary(1, 0x11, four), binary(1, 0x11, four + b"\4\0\3abc"), binary(1, 0x21, six),
            b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ff:: ff:: 1 2\r\n", binary(0, 0, b""), b""):
        connection = alice.connect()
        alice.send(header + alice.request("INFO", f"sip:x@127.0.0.1:{t.port}").encode(), over=connection)
        alice.expect(200)
    for header in (
            b"PROXY TCP4 192.0.2.7 192.0.2.1 70000 4626\r\n", b"PROXY TCP4 192.0.2.700 192.0.2.1 4369 4626\r\n",
            b"PROXY UDP4 192.0.2.7 192.0.2.1 4369 4626\r\n", binary(1, 0x12, four), binary(5, 0x11, four),
            binary(1, 0x31, b"a" * 216), binary(1, 0x11, four + b"x" * 600)):
        connection = alice.connect()
        alice.send(header + alice.request("INFO", f"sip:x@127.0.0.1:{t.port}").encode(), over=connection)
        alice.expect_closed(connection)
