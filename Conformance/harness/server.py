"""One server process under test: started from a command template, probed until it answers, always ended."""
import os
import re
import shlex
import signal
import socket
import subprocess
import time

from . import dns
from .build import SLOWNESS


class ServerError(Exception):
    """The server could not be started, or has gone away."""


class Server:
    """A running server with one configuration.

    The template may use {cfg} {cfgdir} {port} {listen} {run} {repo}; `listen` gives UDP and TCP on 127.0.0.1 and
    ::1, `run` is an empty directory for sockets and fifos.
    """

    def __init__(self, label, template, cfg, port, run_dir, repo, uses_names=False):
        os.makedirs(run_dir, exist_ok=True)
        hosts = ("127.0.0.1", "[::1]")
        listen = " ".join(f"-l {proto}:{host}:{port}" for host in hosts for proto in ("udp", "tcp"))
        self.label = label
        self.port = port
        self.output_path = os.path.join(run_dir, "output")
        self.command = template.format(
            cfg=cfg, cfgdir=os.path.dirname(os.path.abspath(cfg)), port=port, listen=listen, run=run_dir, repo=repo)
        self.process = None
        self.run_dir = run_dir
        self.uses_names = uses_names

    def start(self, timeout=20.0):
        self.require_free_port()
        with open(self.output_path, "wb") as output:
            try:
                command = shlex.split(self.command)
                if self.uses_names:
                    command = dns.with_names(command, self.run_dir)
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    start_new_session=True)
            except OSError as error:
                raise ServerError(f"server {self.label}: {error}") from error
        timeout *= SLOWNESS
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise ServerError(f"server {self.label} ended with status {self.process.returncode}:\n{self.tail()}")
            if self.answers(0.1 * SLOWNESS):
                return self
        self.stop()
        raise ServerError(f"server {self.label} does not answer within {timeout:g} s:\n{self.tail()}")

    def require_free_port(self):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if kind == socket.SOCK_STREAM else 0)
                # The server before it may not be gone altogether.
                end = time.monotonic() + SLOWNESS
                while True:
                    try:
                        probe.bind(("127.0.0.1", self.port))
                        break
                    except OSError as error:
                        if time.monotonic() > end:
                            raise ServerError(f"port {self.port} is taken: {error}") from error
                        time.sleep(0.05)

    def answers(self, timeout):
        """True if one OPTIONS over UDP is answered and a TCP connection is accepted within the time (seconds)."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(timeout)
            probe.bind(("127.0.0.1", 0))
            here = probe.getsockname()[1]
            number = time.monotonic_ns()
            request = (
                f"OPTIONS sip:127.0.0.1:{self.port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bKprobe{number}\r\nMax-Forwards: 70\r\n"
                f"From: <sip:probe@127.0.0.1>;tag=probe\r\nTo: <sip:127.0.0.1:{self.port}>\r\n"
                f"Call-ID: probe-{number}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
            try:
                probe.connect(("127.0.0.1", self.port))
                probe.send(request.encode())
                if not probe.recv(65535).startswith(b"SIP/2.0 "):
                    return False
                with socket.create_connection(("127.0.0.1", self.port), timeout):
                    return True
            except TimeoutError:
                return False
            except OSError:
                time.sleep(0.02)
                return False

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, patience=5.0):
        """TERM, then KILL for whatever of the session is left."""
        process, self.process = self.process, None
        if process is None:
            return
        try:
            process.terminate()
            process.wait(patience * SLOWNESS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()

    def missing(self):
        """What the configuration needs and the server names as not built yet; empty when it had other complaints."""
        if not os.path.exists(self.output_path):
            return []
        with open(self.output_path, errors="replace") as output:
            errors = re.findall(r"error\[E\d+\]: (.*)", output.read())
        suffix = " is not built yet"
        if not all(error.endswith(suffix) for error in errors):
            return []
        return sorted({error[:-len(suffix)] for error in errors})

    def tail(self, lines=15):
        with open(self.output_path, errors="replace") as output:
            return "".join("    " + line for line in output.readlines()[-lines:])
