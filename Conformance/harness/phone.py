"""A scripted phone: one address, one transport, an inbox, and a record of all that the server sent to it."""
import re
import select
import socket
import time

from .build import SLOWNESS
from .mask import Mask
from .message import Message, frame

PATIENCE = 6.0 * SLOWNESS
"""Seconds to wait for something that should come at once; generous, because it is only spent on failures."""

CASE_OF_CALL = re.compile(rb"own-([\w-]+\.(?:udp|tcp)6?)\b")
"""Ends with the case variant in the Call-IDs that phones make up: own-NAME.VARIANT-NUMBER."""


class Connection:
    """One TCP connection of a phone: the bytes not yet framed, and what was seen besides messages."""

    def __init__(self, sock, label):
        self.sock = sock
        self.label = label
        self.buffer = b""
        self.pongs = 0
        self.is_closed = False


class Phone:
    """Sends and receives for one user. Requests are built in `Agent`; this part only moves bytes."""

    def __init__(self, context, name, transport, family, port):
        self.context = context
        self.name = name
        self.user = f"{name}.{context.slug}"
        self.transport = transport
        self.host = "::1" if family == 6 else "127.0.0.1"
        self.host_text = "[::1]" if family == 6 else self.host
        self.port = port
        self.server = (self.host, context.port)
        self.inbox = []
        self.copies = {}
        self.record = []
        self.connections = []
        self.fences = set()
        self.mask = Mask()
        kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
        self.socket = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET, kind)
        if transport == "tcp":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.host, port))
        if transport == "tcp":
            self.socket.listen(8)

    def close(self):
        for connection in self.connections:
            connection.sock.close()
        self.socket.close()

    # Sending.

    def connect(self):
        """Opens a further TCP connection to the server; its ephemeral port is masked in what is received."""
        sock = socket.create_connection(self.server, PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.adopt(sock, sock.getsockname()[1])

    def adopt(self, sock, ephemeral=None):
        connection = Connection(sock, f"{self.name}-connection{len(self.connections) + 1}")
        if ephemeral:
            self.context.mask_port(ephemeral, connection.label)
        self.connections.append(connection)
        return connection

    def connection(self):
        """The connection that requests go out on: the first one still open that this phone opened."""
        return next((c for c in self.connections if not c.is_closed), None) or self.connect()

    def send(self, message, over=None):
        """Sends a message or bytes to the server; `over` is the link of a received message, or a connection."""
        data = message if isinstance(message, bytes) else message.encode()
        self.context.trace(f"{self.name} sends", data)
        if self.transport == "udp":
            self.socket.sendto(data, over or self.server)
        else:
            (over or self.connection()).sock.sendall(data)
        return message

    # Receiving.

    def pump(self, timeout):
        """Takes in whatever arrives within the time (seconds); returns at the first arrival."""
        streams = {c.sock: c for c in self.connections if not c.is_closed}
        ready, _, _ = select.select([self.socket, *streams], [], [], max(0.0, timeout))
        for sock in ready:
            if sock is not self.socket:
                self.read_stream(streams[sock])
            elif self.transport == "udp":
                data, source = sock.recvfrom(65535)
                self.arrived(data, source)
            else:
                self.adopt(sock.accept()[0])
        return bool(ready)

    def read_stream(self, connection):
        try:
            data = connection.sock.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            connection.is_closed = True
        connection.buffer += data
        while True:
            while connection.buffer.startswith(b"\r\n"):
                connection.buffer = connection.buffer[2:]
                connection.pongs += 1
            raw, connection.buffer = frame(connection.buffer)
            if raw is None:
                return
            self.arrived(raw, connection)

    def arrived(self, raw, link):
        message = Message.parse(raw, link)
        if message.call_id.startswith("fence-"):
            self.fences.add(message.call_id)
            return
        if self.belongs_to_another_case(raw):
            return
        self.context.trace(f"{self.name} receives", raw)
        self.copies[raw] = self.copies.get(raw, 0) + 1
        if self.copies[raw] == 1:
            self.inbox.append(message)
            self.record.append(raw)

    def belongs_to_another_case(self, raw):
        """A late retransmission of an earlier case that used this port; its lines may be beyond parsing."""
        cases = CASE_OF_CALL.findall(raw)
        return bool(cases) and not any(case.endswith(self.context.slug.encode()) for case in cases)

    def wait(self, condition, timeout=None):
        """Pumps until the condition holds; its value, or None when the time (seconds) is over."""
        end = time.monotonic() + (PATIENCE if timeout is None else timeout)
        while True:
            value = condition()
            if value:
                return value
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.pump(left)

    def receive(self, timeout=None):
        """The next message that is no repetition of an earlier one; None when the time is over."""
        if self.wait(lambda: self.inbox, timeout):
            return self.inbox.pop(0)
        return None

    def expect(self, what, timeout=None):
        """The next new message, which must be a reply with this status or a request with this method."""
        message = self.receive(timeout)
        if message is None:
            raise AssertionError(f"{self.name} waited for {what}, nothing came")
        got = message.status if isinstance(what, int) else message.status is None and message.method
        if got != what:
            raise AssertionError(f"{self.name} waited for {what}, got: {message.summary()}")
        return message

    def copies_of(self, message):
        return self.copies.get(message.raw, 0)

    def expect_copies(self, message, count, timeout=None):
        """Waits until the same bytes have come `count` times in all."""
        if not self.wait(lambda: self.copies_of(message) >= count, timeout):
            raise AssertionError(
                f"{self.name} got {self.copies_of(message)} of {count} copies of: {message.summary()}")

    def expect_closed(self, connection, timeout=None):
        if not self.wait(lambda: connection.is_closed, timeout):
            raise AssertionError(f"the server keeps {connection.label} open")
        self.note(f"{connection.label} closed by the server")

    def expect_pong(self, connection, timeout=None):
        if not self.wait(lambda: connection.pongs, timeout):
            raise AssertionError("no answer to the keepalive")
        self.note(f"{connection.pongs} line end(s)")

    # Order without waiting: what the server sent before it answered the fence has arrived.

    def fence(self):
        """Sends an OPTIONS to the server and waits for its answer; all earlier work for this phone is then done."""
        for attempt in range(3):
            number = self.context.next_number()
            call_id = f"fence-{self.context.slug}-{number}"
            data = self.context.fence_request(self, call_id, number)
            if self.transport == "udp":
                self.socket.sendto(data, self.server)
            else:
                self.connection().sock.sendall(data)
            if self.wait(lambda: call_id in self.fences, 2.0 * SLOWNESS):
                return
        raise AssertionError(f"the server does not answer {self.name} any more")

    def expect_silence(self):
        """The server has dealt with everything that this phone sent, and sent it nothing new."""
        self.fence()
        if self.inbox:
            raise AssertionError(f"{self.name} expected silence, got: {self.inbox[0].summary()}")

    def note(self, text):
        """Puts a line of the case's own between the recorded messages."""
        self.record.append(text)

    def shown(self):
        """The record in order of arrival, as lines; messages are masked."""
        self.mask.connection_ports = self.context.masked_ports
        lines = []
        for item in self.record:
            if isinstance(item, str):
                lines.append(f"-- {item}")
            else:
                lines += [f"== {self.name} receives", *self.mask(item).split("\n")]
        return lines
