"""A DNS server for cases about next hops: records are added while it runs, every question is noted."""
import os
import shutil
import socket
import struct
import subprocess
import threading

ADDRESS = "127.53.53.53"
TYPES = {"A": 1, "CNAME": 5, "AAAA": 28, "SRV": 33, "NAPTR": 35}


def wire_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def wire_text(text):
    return bytes([len(text)]) + text.encode()


def wire_data(kind, values):
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, values[0])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, values[0])
    if kind == "CNAME":
        return wire_name(values[0])
    if kind == "SRV":
        priority, weight, port, target = values
        return struct.pack(">HHH", priority, weight, port) + wire_name(target)
    order, preference, flags, services, expression, replacement = values
    texts = wire_text(flags) + wire_text(services) + wire_text(expression)
    return struct.pack(">HH", order, preference) + texts + wire_name(replacement)


class NameServer:
    """Answers over UDP on port 53 of an address of loopback that nobody else uses."""

    def __init__(self):
        self.records = {}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 53))
        self.socket.settimeout(0.1)
        self.is_open = True
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def add(self, name, kind, *values):
        self.records.setdefault((name.lower(), TYPES[kind]), []).append((TYPES[kind], wire_data(kind, values)))
        if kind == "CNAME":
            # Whoever asks for the name gets the alias, and what that name has.
            for other in (TYPES["A"], TYPES["AAAA"]):
                found = self.records.get((values[0].lower(), other), [])
                alias = [(TYPES["CNAME"], wire_data(kind, values))]
                self.records[name.lower(), other] = alias + [(*record, values[0]) for record in found]

    def close(self):
        self.is_open = False
        self.thread.join()
        self.socket.close()

    def serve(self):
        while self.is_open:
            try:
                data, source = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            answer = self.answer(data)
            if answer:
                self.socket.sendto(answer, source)

    def answer(self, data):
        if len(data) < 17:
            return None
        labels, offset = [], 12
        while data[offset]:
            labels.append(data[offset + 1:offset + 1 + data[offset]].decode())
            offset += 1 + data[offset]
        kind = struct.unpack(">H", data[offset + 1:offset + 3])[0]
        name = ".".join(labels).lower()
        self.asked.append((name, kind))
        found = self.records.get((name, kind), [])
        is_known = any(known == name for known, _ in self.records)
        flags = 0x8580 if found or is_known else 0x8583
        out = data[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0) + data[12:offset + 5]
        for record in found:
            owner = wire_name(record[2]) if len(record) > 2 else b"\xc0\x0c"
            out += owner + struct.pack(">HHIH", record[0], 1, 300, len(record[1])) + record[1]
        return out


def obstacle():
    """Why names cannot be served here; None when they can."""
    if shutil.which("unshare") is None:
        return "unshare is not installed"
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        return "a resolv.conf of one's own needs the right to mount"
    try:
        NameServer().close()
    except OSError as error:
        return f"{ADDRESS} port 53: {error.strerror}"
    return None


def with_names(command, folder):
    """The command line, run with a resolv.conf that names this server alone."""
    path = os.path.join(folder, "resolv.conf")
    with open(path, "w") as text:
        text.write(f"nameserver {ADDRESS}\noptions timeout:1 attempts:2\n")
    script = f'mount --make-rprivate / && mount --bind {path} /etc/resolv.conf && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh", *command]
