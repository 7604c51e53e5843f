"""A client of HTTP on the SIP port, over a socket of its own: what it sends is sent as it is."""
import re
import socket

from .phone import PATIENCE


class HTTPClient:
    """One connection. What it shows of an answer has neither its own port nor the product."""

    def __init__(self, t):
        self.sock = socket.create_connection(("127.0.0.1", t.port), PATIENCE)
        self.sock.settimeout(PATIENCE)
        self.port = self.sock.getsockname()[1]
        self.buffer = b""

    def close(self):
        self.sock.close()

    def send(self, *parts):
        for part in parts:
            self.sock.sendall(part.encode())

    def request(self, method, path, headers=(), body="", version="HTTP/1.1"):
        """Sends a request with the length of its body and returns the answer."""
        self.send(self.text(method, path, headers, body, version))
        return self.answer(method)

    @staticmethod
    def text(method, path, headers=(), body="", version="HTTP/1.1"):
        lines = ["Host: example.org", *headers]
        if body:
            lines.append(f"Content-Length: {len(body.encode())}")
        return f"{method} {path} {version}\r\n" + "".join(f"{line}\r\n" for line in lines) + f"\r\n{body}"

    def answer(self, method="GET"):
        """The next answer; None when the server has closed the connection."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        found = re.search(rb"(?im)^Content-Length: *(\d+)", head)
        length = int(found[1]) if found and method != "HEAD" else 0
        while len(self.buffer) < length:
            if not self.more():
                break
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return self.shown(head.decode("latin-1")) + "\n\n" + self.shown(body.decode("latin-1"))

    def shown(self, text):
        text = re.sub(r"(?m)^Server: .*$", "Server: <product>", text.replace("\r\n", "\n"))
        return re.sub(rf"(?<!\d){self.port}(?!\d)", "<port>", text)

    def more(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b""
        self.buffer += data
        return bool(data)

    @property
    def is_closed(self):
        """Whether the server ends the connection, waiting for it."""
        return not self.more()
