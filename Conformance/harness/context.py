"""What a case sees: the server's address, phones, and assertions."""
import os
import sys

from .agent import Agent
from .control import Control


class Context:
    """One run of one case in one variant (udp, tcp, udp6, tcp6) against one server."""

    def __init__(self, case, variant, server, first_phone_port, verbose=False):
        self.slug = f"{case.name}.{variant}"
        self.transport = variant.rstrip("6")
        self.family = 6 if variant.endswith("6") else 4
        self.host_text = "[::1]" if self.family == 6 else "127.0.0.1"
        self.server = server
        self.names = getattr(server, "names", None)
        self.port = server.port
        self.verbose = verbose
        self.phones = []
        self.masked_ports = {}
        self.next_port = first_phone_port
        self.number = 0
        self.checks = 0
        self.allow_unclaimed = False
        self.controls = []

    @property
    def server_uri(self):
        return f"sip:{self.host_text}:{self.port}"

    def next_number(self):
        self.number += 1
        return self.number

    def new_call_id(self):
        return f"own-{self.slug}-{self.next_number()}"

    def mask_port(self, port, label):
        self.masked_ports[port] = label

    def phone(self, name, transport=None, family=None):
        """A new phone on the next port of this case; transport and family follow the variant unless given."""
        phone = Agent(self, name, transport or self.transport, family or self.family, self.next_port)
        self.next_port += 1
        self.phones.append(phone)
        return phone

    def control(self):
        """A control client; the configuration has to load ctl."""
        control = Control(os.path.dirname(self.server.output_path))
        self.controls.append(control)
        return control

    def fence_request(self, phone, call_id, number):
        return (
            f"OPTIONS sip:{phone.host_text}:{self.port} SIP/2.0\r\n"
            f"Via: SIP/2.0/{phone.transport.upper()} {phone.host_text}:{phone.port}"
            f";branch=z9hG4bKfence{number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <{phone.aor}>;tag=fence\r\nTo: <sip:{phone.host_text}:{self.port}>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: {number} OPTIONS\r\nContent-Length: 0\r\n\r\n").encode()

    # Assertions.

    def check(self, condition, text):
        self.checks += 1
        if not condition:
            raise AssertionError(text)

    def equal(self, got, wanted, text):
        self.check(got == wanted, f"{text}: wanted {wanted!r}, got {got!r}")

    def finish(self):
        """After the case: nothing may be left that no one expected."""
        for phone in self.phones:
            phone.fence()
        for phone in self.phones:
            while phone.pump(0):
                pass
            if phone.inbox and not self.allow_unclaimed:
                raise AssertionError(f"{phone.name} got unexpectedly: {phone.inbox[0].summary()}")

    def close(self):
        for end in (*self.phones, *self.controls):
            end.close()

    def trace(self, text, data):
        if self.verbose:
            shown = data.decode("latin-1").replace("\r\n", "\n      ")
            print(f"    -- {text} ({len(data)} bytes)\n      {shown.rstrip()}", file=sys.stderr)

    def recording(self):
        """Everything the phones received, masked: a list of lines, phone by phone."""
        return [line for phone in self.phones for line in phone.shown()]
