"""Clients of jsonrpcs: a datagram socket, and the fifo with one of their own for the answers."""
import json
import os
import select
import socket
import time

from .build import SLOWNESS


def document(method, *params, **members):
    """A request as it is written; `id` is 1 unless given, None leaves it out."""
    request = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1, **members}
    return json.dumps({name: value for name, value in request.items() if value is not None})


class Datagrams:
    """A client of the datagram socket in the server's run directory."""

    def __init__(self, run_dir):
        self.path = os.path.join(run_dir, f"client{time.monotonic_ns()}")
        self.server = os.path.join(run_dir, "kamailio_rpc.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(10 * SLOWNESS)

    def close(self):
        self.socket.close()
        os.unlink(self.path)

    def ask(self, text):
        self.socket.sendto(text.encode(), self.server)
        return self.socket.recv(1 << 20).decode(errors="backslashreplace")

    def is_silent(self, text):
        """Whether nothing comes back before the answer to a request sent afterwards."""
        self.socket.sendto(text.encode(), self.server)
        return self.ask(document("core.echo", "fence")) in FENCES


FENCES = (
    '{"jsonrpc":"2.0","result":["fence"],"id":1}',
    '{\n\t"jsonrpc":\t"2.0",\n\t"result":\t["fence"],\n\t"id":\t1\n}')


class Fifo:
    """A client of the fifo in the server's run directory; answers come in /tmp, as with kamctl."""

    def __init__(self, run_dir):
        self.server = os.path.join(run_dir, "kamailio_rpc.fifo")
        self.name = f"conformance-{os.getpid()}-{time.monotonic_ns()}"
        os.mkfifo(os.path.join("/tmp", self.name), 0o666)
        self.reader = os.open(os.path.join("/tmp", self.name), os.O_RDONLY | os.O_NONBLOCK)

    def close(self):
        os.close(self.reader)
        os.unlink(os.path.join("/tmp", self.name))

    def write(self, text):
        descriptor = os.open(self.server, os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)

    def ask(self, text, end="}"):
        """What comes back, up to a text that ends with `end`."""
        self.write(text)
        answer, limit = "", time.monotonic() + 10 * SLOWNESS
        while not answer.endswith(end):
            if time.monotonic() > limit:
                raise AssertionError(f"no answer on the fifo, only {answer!r}")
            select.select([self.reader], [], [], 0.05)
            try:
                part = os.read(self.reader, 65536)
            except BlockingIOError:
                continue
            answer += part.decode()
            if not part:
                time.sleep(0.005)
        return answer
