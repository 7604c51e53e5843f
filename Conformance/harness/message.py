"""SIP messages as the phones write and read them: an ordered list of header fields and a body."""

COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "s": "subject", "k": "supported", "e": "content-encoding", "o": "event",
}


def canonical(name):
    """The full lower-case name of a header field, compact forms resolved (RFC 3261 section 7.3.3)."""
    lower = name.strip().lower()
    return COMPACT.get(lower, lower)


class Message:
    """A start line, header fields in order, and a body.

    Received messages keep their bytes in `raw` and the way to answer them in `link`.
    """

    def __init__(self, start, headers=(), body=b""):
        self.start = start
        self.headers = list(headers)
        self.body = body if isinstance(body, bytes) else body.encode()
        self.raw = None
        self.link = None

    @classmethod
    def parse(cls, raw, link=None):
        """Reads bytes leniently; what cannot be split becomes a start line without headers."""
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = []
        for line in lines[1:]:
            if line[:1] in (" ", "\t") and headers:
                name, value = headers[-1]
                headers[-1] = (name, value + " " + line.strip())
            else:
                name, _, value = line.partition(":")
                headers.append((name.strip(), value.strip()))
        message = cls(lines[0], headers, body)
        message.raw = raw
        message.link = link
        return message

    # What the message is.

    @property
    def status(self):
        """The status code of a reply, None for a request."""
        words = self.start.split(" ", 2)
        return int(words[1]) if self.start.startswith("SIP/2.0 ") and words[1].isdigit() else None

    @property
    def reason(self):
        return self.start.split(" ", 2)[2] if self.status and self.start.count(" ") >= 2 else ""

    @property
    def method(self):
        """The method of a request; for a reply the one in its CSeq."""
        if self.status is None:
            return self.start.split(" ", 1)[0]
        return self["CSeq"].split()[-1] if self.has("CSeq") else ""

    @property
    def uri(self):
        words = self.start.split(" ")
        return words[1] if self.status is None and len(words) > 1 else None

    @property
    def call_id(self):
        return self.get("Call-ID", "")

    def summary(self):
        return self.start if self.status is None else f"{self.start} ({self.get('CSeq', 'no CSeq')})"

    # Header fields.

    def all(self, name):
        wanted = canonical(name)
        return [value for key, value in self.headers if canonical(key) == wanted]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def has(self, name):
        return bool(self.all(name))

    def __getitem__(self, name):
        values = self.all(name)
        if not values:
            raise AssertionError(f"no {name} in: {self.summary()}")
        return values[0]

    def set(self, name, value):
        """Replaces the first such field in place, or appends one before Content-Length."""
        wanted = canonical(name)
        for index, (key, _) in enumerate(self.headers):
            if canonical(key) == wanted:
                self.headers[index] = (key, value)
                return self
        return self.add(name, value)

    def add(self, name, value):
        """Adds a field after all others but Content-Length."""
        at = len(self.headers)
        if at and canonical(self.headers[-1][0]) == "content-length":
            at -= 1
        self.headers.insert(at, (name, value))
        return self

    def remove(self, name):
        wanted = canonical(name)
        self.headers = [(key, value) for key, value in self.headers if canonical(key) != wanted]
        return self

    def rename(self, name, new):
        wanted = canonical(name)
        self.headers = [(new if canonical(key) == wanted else key, value) for key, value in self.headers]
        return self

    def to_tag(self):
        return parameter(self.get("To", ""), "tag")

    def encode(self):
        lines = [self.start] + [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


def parameter(value, name):
    """The value of a parameter after the closing `>` (or anywhere if there is none); None if absent."""
    tail = value.rsplit(">", 1)[-1]
    for part in tail.split(";")[0 if ">" in value else 1:]:
        key, _, text = part.strip().partition("=")
        if key.lower() == name:
            return text
    return None


def uri_of(value):
    """The URI of a name-addr or addr-spec."""
    if "<" in value:
        return value.split("<", 1)[1].split(">", 1)[0]
    return value.split(";", 1)[0].strip()


def frame(buffer):
    """Splits the first complete message off a stream buffer: (message bytes or None, rest).

    Leading line ends are keepalives and are skipped (RFC 5626 section 3.5.1).
    """
    stripped = buffer.lstrip(b"\r\n")
    head, mark, rest = stripped.partition(b"\r\n\r\n")
    if not mark:
        return None, stripped
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if canonical(name.decode("latin-1")) == "content-length":
            length = int(value)
    if len(rest) < length:
        return None, stripped
    return head + mark + rest[:length], rest[length:]
