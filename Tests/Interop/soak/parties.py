"""Callers and callees of run-features, all in one thread: a scenario is a generator that is sent what arrives for it."""
import heapq
import os
import re
import selectors
import socket
import sys
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../../../Conformance"), os.path.join(HERE, "../badinput")]

from harness.message import frame  # noqa: E402

SDP = (b"v=0\r\no=caller 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0 8 101\r\n"
       b"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n")
T1 = 0.5


def fields(data, name):
    """Whole lines of the fields with that name."""
    return re.findall(rb"^" + name + rb":[^\r\n]*", data.partition(b"\r\n\r\n")[0], re.MULTILINE | re.IGNORECASE)


def value(data, name):
    found = fields(data, name)
    return found[0].partition(b":")[2].strip() if found else b""


def status(data):
    """The code of a reply, 0 for a request."""
    return int(data[8:11]) if data.startswith(b"SIP/2.0 ") and data[8:11].isdigit() else 0


class Stream:
    """One connection and what has come of a message."""

    def __init__(self, sock):
        self.sock, self.buffer, self.is_closed = sock, b"", False

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            self.is_closed = True


class World:
    """All sockets and timers. Ports: callee's, UDP and TCP; caller's; one that never answers; the HTTP server's."""

    def __init__(self, server, callee, caller, silent, web):
        self.server, self.callee_port, self.caller_port = ("127.0.0.1", server), callee, caller
        self.selector = selectors.DefaultSelector()
        self.timers, self.order, self.live = [], 0, {}
        self.received = self.sent = self.fetched = 0
        self.callee = self.datagrams(callee, "callee")
        self.caller = self.datagrams(caller, "caller")
        self.silent = self.datagrams(silent, "silent")
        self.listen(callee, "callee-stream")
        self.listen(web, "web")
        self.answering = Callee(self)

    def datagrams(self, port, role):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (33, socket.SO_RCVBUF):  # 33: SO_RCVBUFFORCE, where one may
            try:
                sock.setsockopt(socket.SOL_SOCKET, option, 1 << 23)
                break
            except PermissionError:
                pass
        sock.bind(("127.0.0.1", port))
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, (role, None))
        return sock

    def listen(self, port, role):
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ, ("accept", role))

    def connect(self):
        """A connection to the server, of a caller."""
        sock = socket.create_connection(self.server, 5)
        return self.adopt(sock, "caller-stream")

    def adopt(self, sock, role):
        sock.settimeout(2)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = Stream(sock)
        self.selector.register(sock, selectors.EVENT_READ, (role, stream))
        return stream

    def drop(self, stream):
        """Closes a connection."""
        if stream.sock.fileno() >= 0:
            self.selector.unregister(stream.sock)
            stream.sock.close()
        stream.is_closed = True

    def at(self, seconds, action):
        self.order += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.order, action))

    def pump(self, timeout):
        """Takes in what comes within the time, and does what is due."""
        now = time.monotonic()
        if self.timers:
            timeout = max(0.0, min(timeout, self.timers[0][0] - now))
        for key, _ in self.selector.select(timeout):
            self.ready(key.fileobj, *key.data)
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            heapq.heappop(self.timers)[2]()

    def ready(self, sock, role, more):
        if role == "accept":
            self.adopt(sock.accept()[0], more)
            return
        if more is not None:
            self.read(more, role)
            return
        for _ in range(64):
            try:
                data, source = sock.recvfrom(65535)
            except (BlockingIOError, ConnectionError):
                return
            if role != "silent":
                self.arrived(data, role == "callee", lambda answer: sock.sendto(answer, source))

    def read(self, stream, role):
        try:
            data = stream.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.drop(stream)
            return
        stream.buffer += data
        if role == "web":
            self.serve(stream)
            return
        while True:
            stream.buffer = stream.buffer.lstrip(b"\r\n")
            raw, stream.buffer = frame(stream.buffer)
            if raw is None:
                return
            self.arrived(raw, role == "callee-stream", stream.send)

    def serve(self, stream):
        """HTTP: the path, for whoever asks."""
        while b"\r\n\r\n" in stream.buffer:
            head, _, stream.buffer = stream.buffer.partition(b"\r\n\r\n")
            body = b"sip:answer@127.0.0.1;asked=" + head.split(b" ")[1][:80] + b"\n"
            self.fetched += 1
            stream.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def arrived(self, data, is_callee, answer):
        self.received += 1
        scenario = self.live.get(value(data, b"Call-ID"))
        if status(data):
            if scenario is not None:
                scenario.step(data)
        elif is_callee or scenario is None or b" sip:caller@" not in data[:40]:
            # Also what comes over the connection that a binding was made by.
            self.answering.asked(data, answer)
        else:
            answer(reply(data, b"200 OK", b"caller"))
            scenario.step(data)


def reply(request, line, tag, extra=b"", body=b""):
    to = value(request, b"To")
    if b"tag=" not in to:
        to += b";tag=" + tag
    lines = [b"SIP/2.0 " + line, *fields(request, b"Via"), b"From: " + value(request, b"From"), b"To: " + to,
             b"Call-ID: " + value(request, b"Call-ID"), b"CSeq: " + value(request, b"CSeq"), *fields(request, b"Record-Route")]
    return b"\r\n".join(lines) + b"\r\n" + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Callee:
    """Answers by the user that is called; keeps what it rings for until that ends."""

    def __init__(self, world):
        self.world, self.open = world, {}

    def asked(self, data, answer):
        method, uri = data.split(b" ", 2)[:2]
        via = value(data, b"Via")
        tag = b"c%08x" % zlib.crc32(via)
        branch = re.search(rb"branch=[^;, ]*", via)
        key = branch[0] if branch else b""
        if method == b"ACK":
            self.acknowledged(data)
        elif method == b"CANCEL":
            answer(reply(data, b"200 OK", tag))
            invite = self.open.pop(key, None)
            if invite is not None:
                answer(reply(invite, b"487 Request Terminated", tag))
        elif method == b"REGISTER" and b"\r\nAuthorization:" not in data:
            answer(reply(data, b"401 Unauthorized", tag, b'WWW-Authenticate: Digest realm="provider", nonce="soak"\r\n'))
        elif method == b"REGISTER":
            answer(reply(data, b"200 OK", tag, b"\r\n".join(fields(data, b"Contact")) + b";expires=10\r\n"))
        elif method != b"INVITE":
            answer(reply(data, b"200 OK", tag))
        else:
            self.invited(data, answer, uri, tag, key)

    def invited(self, data, answer, uri, tag, key):
        contact = b"Contact: <sip:answer@127.0.0.1:%d>\r\n" % self.world.callee_port
        if b"busy" in uri:
            answer(reply(data, b"486 Busy Here", tag))
        elif b"moved" in uri:
            answer(reply(data, b"302 Moved", tag, contact))
        elif b"challenge" in uri and b"\r\nAuthorization:" not in data:
            answer(reply(data, b"401 Unauthorized", tag, b'WWW-Authenticate: Digest realm="provider", nonce="soak", qop="auth"\r\n'))
        elif b"ring" in uri:
            answer(reply(data, b"180 Ringing", tag))
            self.open[key] = data
            self.world.at(100, lambda: self.open.pop(key, None))
        else:
            answer(reply(data, b"180 Ringing", tag, contact))
            self.take(data, answer, tag, contact, T1, b"hangup" in uri)

    def take(self, data, answer, tag, contact, wait, is_short):
        """The 200, again and again until the ACK."""
        key = value(data, b"Call-ID") + value(data, b"CSeq").split(b" ")[0]
        if wait == T1:
            self.open[key] = (data, tag, is_short, answer)
        if wait < 32 and key in self.open:
            answer(reply(data, b"200 OK", tag, contact + b"Content-Type: application/sdp\r\n", SDP))
            self.world.at(wait, lambda: self.take(data, answer, tag, contact, wait * 2, is_short))
        else:
            self.open.pop(key, None)

    def acknowledged(self, data):
        taken = self.open.pop(value(data, b"Call-ID") + value(data, b"CSeq").split(b" ")[0], None)
        if taken is not None and taken[2]:
            invite, tag, _, answer = taken
            target = re.search(rb"<([^>]*)>", value(invite, b"Contact"))[1]
            lines = [b"BYE " + target + b" SIP/2.0", b"Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKh%s" % (
                         self.world.callee_port, tag), b"Max-Forwards: 70",
                     *(b"Route:" + line.partition(b":")[2] for line in fields(invite, b"Record-Route")),
                     b"From: " + value(invite, b"To") + b";tag=" + tag, b"To: " + value(invite, b"From"),
                     b"Call-ID: " + value(invite, b"Call-ID"), b"CSeq: 1 BYE", b"Content-Length: 0"]
            answer(b"\r\n".join(lines) + b"\r\n\r\n")
