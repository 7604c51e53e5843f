"""A SIP client for the scripts of this folder: one request at a time, with the time that its answer took."""
import hashlib
import re
import socket
import time

from harness.build import SLOWNESS


class Phone:
    def __init__(self, port, host="127.0.0.1", timeout=5.0):
        self.server = (host, port)
        self.timeout = timeout
        self.number = time.monotonic_ns() % 1_000_000
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1" if host == "127.0.0.1" else "0.0.0.0", 0))
        self.socket.connect(self.server)
        self.here = "%s:%d" % self.socket.getsockname()

    def text(self, method, uri, lines=(), protocol="UDP", here=None):
        self.number += 1
        user = re.sub(r"sip:(.*)@.*", r"\1", uri)
        return "\r\n".join([
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{protocol} {here or self.here};branch=z9hG4bKf{self.number};rport", "Max-Forwards: 70",
            f"From: <sip:{user}@127.0.0.1>;tag=f{self.number}", f"To: <sip:{user}@127.0.0.1>",
            f"Call-ID: fault-{self.number}", f"CSeq: {self.number} {method}", *lines, "Content-Length: 0", "", ""])

    def ask(self, method="OPTIONS", user="alive", lines=(), host=None, timeout=None):
        """(status, milliseconds, answer) of the final answer; status 0: there was none in time."""
        uri = f"sip:{user}@{host or '127.0.0.1'}" if user else "sip:127.0.0.1"
        text = self.text(method, uri, lines)
        call = re.search(r"Call-ID: (\S+)", text)[1]
        begin = time.monotonic()
        end = begin + (timeout or self.timeout) * SLOWNESS
        try:
            self.socket.send(text.encode())
        except OSError:
            pass
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                answer = self.socket.recv(65535).decode("latin-1")
            except TimeoutError:
                break
            except OSError:
                time.sleep(0.02)
                continue
            if call in answer and not answer.startswith("SIP/2.0 1"):
                return int(answer.split()[1]), (time.monotonic() - begin) * 1000, answer
        return 0, (time.monotonic() - begin) * 1000, ""

    def status(self, *words, **more):
        return self.ask(*words, **more)[0]

    def register(self, user="alice", expires=600, contact=None):
        contact = contact or f"sip:{user}@10.0.0.1"
        return self.status("REGISTER", user, (f"Contact: <{contact}>", f"Expires: {expires}"))

    def contacts(self, user="alice"):
        return re.findall(r"<(sip:[^>]*)>;expires", self.ask("REGISTER", user)[2])

    def challenge(self, user="auth"):
        answer = self.ask("MESSAGE", user)[2]
        return re.search(r'nonce="([^"]+)"', answer)[1]

    def authenticate(self, nonce, count=1, user="auth"):
        """The status of a request with credentials for that nonce."""
        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        uri, cnonce, many = f"sip:{user}@127.0.0.1", "0a4f113b", f"{count:08x}"
        response = md5(":".join([md5(f"{user}:127.0.0.1:secret"), nonce, many, cnonce, "auth", md5(f"MESSAGE:{uri}")]))
        return self.status("MESSAGE", user, (
            f'Authorization: Digest username="{user}", realm="127.0.0.1", nonce="{nonce}", uri="{uri}", qop=auth, '
            f'nc={many}, cnonce="{cnonce}", response="{response}"',))


class Stream:
    """A TCP connection."""

    def __init__(self, phone, timeout=3.0):
        self.phone = phone
        self.socket = socket.create_connection(phone.server, timeout * SLOWNESS)
        self.socket.settimeout(timeout * SLOWNESS)

    def status(self, method="OPTIONS", user="alive"):
        """0: no answer in time; -1: the connection is gone."""
        here = "%s:%d" % self.socket.getsockname()
        try:
            self.socket.sendall(self.phone.text(method, f"sip:{user}@127.0.0.1", protocol="TCP", here=here).encode())
            answer = self.socket.recv(65535)
        except TimeoutError:
            return 0
        except OSError:
            return -1
        return int(answer.split()[1]) if answer else -1

    def close(self):
        self.socket.close()
