"""What two correct servers may do differently is replaced by a placeholder; everything else stays as received.

Values chosen by the phones contain the word `own` (tags, branches, products) and are never masked.
"""
import re


class Mask:
    """Masks the messages one phone receives; equal values get equal numbers, so relations stay visible."""

    def __init__(self):
        self.numbers = {}
        self.connection_ports = {}

    def name(self, kind, value):
        names = self.numbers.setdefault(kind, {})
        return f"<{kind}{names.setdefault(value, len(names) + 1)}>"

    def __call__(self, raw):
        text = raw.decode("latin-1")
        head, mark, body = text.partition("\r\n\r\n")
        lines = [self.line(line) for line in head.split("\r\n")]
        shown = "\n".join(line.replace("\n", "<LF>\n") for line in lines)
        return shown + "\n" + (("\n" if mark else "<no empty line>") + body.replace("\r\n", "\n"))

    def line(self, line):
        name = line.partition(":")[0].strip().lower()
        if name in ("server", "user-agent") and "own" not in line:
            return line.partition(":")[0] + ": <product>"
        if name in ("call-id", "i") and "own" not in line:
            return line.partition(":")[0] + ": " + self.name("call-id", line.partition(":")[2])
        if "cnonce=" in line:
            line = re.sub(r'(cnonce|response)="[^"]*"', r'\1="<digest>"', line)
        line = re.sub(r'(nonce)="(?!own)[^"]+"', r'\1="<nonce>"', line)
        line = re.sub(r"ul(?:oc|cx)-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+(?:-[0-9a-f]+)?", "<ruid>", line)
        line = re.sub(r'(rspauth)="[^"]+"', r'\1="<digest>"', line)
        if name == "date":
            return line.partition(":")[0] + ": <date>"
        line = re.sub(r"Server: (?:kamailio \(\S+ \(\S+\)\)|apus\S*)", "Server: <product>", line)
        line = re.sub(r"(;tag=)([^;>,\s]+)", self.tag, line)
        line = re.sub(r"(branch=)([^;>,\s]+)", self.branch, line)
        if name in ("via", "v"):
            line = re.sub(r";i=[0-9a-f]+", ";i=<connection>", line)
        if name in ("contact", "m"):
            line = re.sub(r"(;expires=)(\d+)", self.expires, line)
        for port, label in self.connection_ports.items():
            line = re.sub(rf"(?<!\d){port}(?!\d)", f"<{label}>", line)
        return line

    def tag(self, match):
        return match[0] if "own" in match[2] else match[1] + self.name("tag", match[2])

    def branch(self, match):
        if "own" in match[2]:
            return match[0]
        cookie = "z9hG4bK" if match[2].startswith("z9hG4bK") else ""
        return match[1] + cookie + self.name("branch", match[2])

    @staticmethod
    def expires(match):
        """Seconds that have passed since the registration do not count: phones ask for multiples of ten."""
        seconds = int(match[2])
        return match[1] + str(seconds + 10 - seconds % 10 if seconds % 10 >= 7 else seconds)
