"""A control client: the binary protocol that kamcmd speaks, on the socket of the server under test."""
import os
import socket

from .build import SLOWNESS


class Control:
    """One connection to a control socket. Parameters are texts, or numbers from 0; an answer is shown as kamcmd would, on one line."""

    def __init__(self, run_dir, timeout=10.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout * SLOWNESS)
        self.socket.connect(os.path.join(run_dir, "kamailio_ctl"))
        self.cookie = 0

    def close(self):
        self.socket.close()

    def call(self, *texts):
        self.begin(*texts)
        return self.answer()

    def begin(self, *texts):
        """Sends a command and its parameters."""
        self.cookie += 1
        payload = b"".join(
            self.number(text) if isinstance(text, int) else self.text(text) for text in texts)
        size = max((len(payload).bit_length() + 7) // 8, 1)
        self.socket.sendall(
            bytes([0xA1, (size - 1) << 2 | 3]) + len(payload).to_bytes(size, "big") + self.cookie.to_bytes(4, "big")
            + payload)

    @staticmethod
    def number(number):
        data = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return bytes([len(data) << 4]) + data

    @staticmethod
    def text(text):
        data = text.encode() + b"\0"
        if len(data) < 8:
            return bytes([len(data) << 4 | 1]) + data
        size = (len(data).bit_length() + 7) // 8
        return bytes([0x80 | size << 4 | 1]) + len(data).to_bytes(size, "big") + data

    def answer(self):
        """Waits for the answer to the last command."""
        head = self.take(2)
        size = int.from_bytes(self.take((head[1] >> 2 & 3) + 1), "big")
        self.take((head[1] & 3) + 1)
        values = list(self.values(self.take(size)))
        if head[1] >> 4 == 3:
            return f"error {values[0]}: {values[1]}"
        return " ".join(str(value) for value in values)

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise AssertionError("the server closed the control connection")
            data += part
        return data

    def values(self, data):
        """The records of a payload in order; a structure is its members, each after its name."""
        at = 0
        while at < len(data):
            kind, size = data[at] & 15, data[at] >> 4 & 7
            at += 1
            if kind in (3, 4):
                continue
            if data[at - 1] & 0x80:
                size, at = int.from_bytes(data[at:at + size], "big"), at + size
            record = data[at:at + size]
            at += size
            yield int.from_bytes(record, "big") if kind == 0 else record.rstrip(b"\0").decode(errors="backslashreplace")
