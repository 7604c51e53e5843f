"""Seeded mutation of good SIP messages. Whatever comes out points to 127.0.0.1 only."""
import re

SPECIALS = (
    b"\0", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\r\n ", b":", b";", b",", b"<", b">", b'"', b"\\", b"=", b"@", b"[",
    b"]",
    b"%", b"%00", b"%zz", b"*", b"/", b"?", b"&", b"(", b")", b"{", b"}", b"\t", b" " * 64, b"\xff", b"\xc3\x28",
    b"-1", b"0", b"2147483647", b"2147483648", b"4294967295", b"4294967296", b"18446744073709551616", b"1" * 40,
    b"sip:", b"sips:", b"tel:", b"SIP/2.0", b"z9hG4bK", b";lr", b";tag=", b";branch=", b";rport",
    b";received=127.0.0.1",
    b";maddr=127.0.0.1", b";transport=tcp", b";expires=", b";q=", b"A" * 300, b"a=" * 200, b";x" * 150, b", " * 100,
)
HEADERS = (
    b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx", b"Via:", b"From:", b"To: <sip:x@127.0.0.1>;tag=1", b"Call-ID: twice",
    b"CSeq: 2 BYE", b"Max-Forwards: -1", b"Contact: *", b"Contact: <", b"Expires: 99999999999999", b"Content-Length: 5",
    b"Content-Length: 4294967296", b"Record-Route: <", b"Supported: path", b"Path: <sip:127.0.0.1:9;lr>",
    b"Require: 100rel", b"Event:", b"Authorization: Digest username=\"", b"Proxy-Authorization: Digest",
    b"l: 3", b"i:", b"v: x", b"X" * 500 + b": x", b": x", b"no colon here", b" folded", b"\tfolded",
    b"Subject: " + b"y" * 4000, b"User-Agent: \xe2\x82", b"Content-Type: multipart/mixed;boundary=", b"Date: yesterday",
)


def corpus(server, here, number):
    """Good messages from a phone at 127.0.0.1:here to the server port; users and Call-IDs carry the number."""
    def build(method, uri, extra=(), to=None, via="UDP", body=b""):
        lines = [
            f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/{via} 127.0.0.1:{here};branch=z9hG4bKbad{number};rport",
            "Max-Forwards: 70", f'From: "A B" <sip:mutant@127.0.0.1:{server}>;tag=t{number}', f"To: {to or f'<{uri}>'}",
            f"Call-ID: bad-{number}@127.0.0.1", f"CSeq: {number} {method}", *extra, f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    host = f"127.0.0.1:{server}"
    sdp = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
    contact = f"Contact: <sip:mutant@127.0.0.1:{here}>"
    route = f"Route: <sip:{host};lr>"
    own_via = f"SIP/2.0/UDP {host};branch=z9hG4bK1234.0123456789abcdef0123456789abcdef.0"
    yield build("REGISTER", f"sip:{host}", [contact + ";q=0.5;expires=60", "Expires: 60"],
                f"<sip:mutant{number}@{host}>")
    yield build("REGISTER", f"sip:{host}", ["Contact: *", "Expires: 0"], f"<sip:mutant{number}@{host}>")
    yield build("OPTIONS", f"sip:{host}")
    yield build("INVITE", f"sip:nobody@{host}", [contact, "Content-Type: application/sdp"], body=sdp)
    yield build("INVITE", f"sip:bob@{host}", [contact, "Content-Type: application/sdp"], body=sdp)
    yield build("ACK", f"sip:nobody@{host}", [], f"<sip:nobody@{host}>;tag=x")
    yield build("CANCEL", f"sip:bob@{host}")
    yield build("BYE", f"sip:bob@127.0.0.1:{here}", [route], f"<sip:bob@{host}>;tag=x")
    yield build("INFO", f"sip:bob@127.0.0.1:{here}", [route, f"Route: <sip:127.0.0.1:{here};lr>"],
                f"<sip:bob@{host}>;tag=x", body=b"x" * 200)
    yield build("SUBSCRIBE", f"sip:bob@{host}", [contact, "Event: presence", "Expires: 3600"])
    yield build("PUBLISH", f"sip:bob@{host}", ["Event: presence"], body=b"<presence/>")
    yield build("MESSAGE", f"sip:nobody@{host}", ["Content-Type: text/plain"], body=b"hello")
    for status in (b"100 Trying", b"180 Ringing", b"200 OK", b"486 Busy Here", b"503 Later"):
        request = build("INVITE", f"sip:bob@{host}", [contact], f"<sip:bob@{host}>;tag=y")
        reply = b"SIP/2.0 " + status + b"\r\nVia: " + own_via.encode() + b"\r\n" + request.split(b"\r\n", 1)[1]
        yield reply


def mutate(random, data, others):
    """One to six random changes; never longer than a datagram."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        data = CHANGES[random.randrange(len(CHANGES))](random, data, others)
    return data[:65000]


def flip(random, data, others):
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1:]


def overwrite(random, data, others):
    at = random.randrange(len(data) + 1)
    return data[:at] + bytes(random.randrange(256) for _ in range(random.randrange(1, 9))) + data[at + 4:]


def insert(random, data, others):
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(SPECIALS) + data[at:]


def replace_separator(random, data, others):
    spots = [index for index, byte in enumerate(data) if byte in b":;,<>\"=@ /\r\n"]
    if not spots:
        return data
    at = random.choice(spots)
    return data[:at] + random.choice(SPECIALS) + data[at + 1:]


def delete(random, data, others):
    start = random.randrange(len(data) + 1)
    return data[:start] + data[start + random.choice((1, 2, 5, 20, 100)):]


def duplicate(random, data, others):
    start = random.randrange(len(data) + 1)
    piece = data[start:start + random.choice((1, 10, 50, 200))]
    return data[:start] + piece * random.choice((2, 3, 50)) + data[start:]


def truncate(random, data, others):
    return data[:random.randrange(len(data) + 1)]


def number(random, data, others):
    numbers = list(re.finditer(rb"(?<![\d.])\d+(?![\d.])", data))
    if not numbers:
        return data
    match = random.choice(numbers)
    value = random.choice((b"", b"-1", b"0", b"00000000000000000001", b"65536", b"2147483648", b"4294967295",
                           b"99999999999999999999999999", b"1e9", b"0x10", b"1 2"))
    return data[:match.start()] + value + data[match.end():]


def add_header(random, data, others):
    lines = data.split(b"\r\n")
    lines.insert(random.randrange(len(lines) + 1), random.choice(HEADERS))
    return b"\r\n".join(lines)


def repeat_header(random, data, others):
    lines = data.split(b"\r\n")
    at = random.randrange(len(lines))
    return b"\r\n".join(lines[:at] + [lines[at]] * random.choice((2, 20, 200)) + lines[at:])


def swap_lines(random, data, others):
    lines = data.split(b"\r\n")
    one, two = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def drop_line(random, data, others):
    lines = data.split(b"\r\n")
    del lines[random.randrange(len(lines))]
    return b"\r\n".join(lines)


def splice(random, data, others):
    other = random.choice(others)
    return data[:random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1):]


def line_ends(random, data, others):
    return data.replace(b"\r\n", random.choice((b"\n", b"\r", b"\r\n\r\n", b"\r\n ", b"")), random.choice((1, 3, 1000)))


def noise(random, data, others):
    return random.randbytes(random.choice((0, 1, 2, 4, 20, 300, 1500)))


CHANGES = (flip, flip, overwrite, insert, insert, replace_separator, replace_separator, delete, duplicate, truncate,
           number, number, add_header, add_header, repeat_header, swap_lines, drop_line, splice, line_ends, noise)


def stays_here(data):
    """True if nothing in the message could make a server send to another machine or ask the DNS for a next hop."""
    if any(not quad.startswith(b"127.") for quad in re.findall(rb"\d+\.\d+\.\d+\.\d+", data)):
        return False
    for line in re.split(rb"[\r\n]+", data):
        name = line.split(b":", 1)[0].strip().lower()
        if name in (b"route", b"contact", b"m", b"path", b"record-route") and b"sip" in line:
            if not re.search(rb"sips?:([^@<>]*@)?127\.0\.0\.1[:;>]", line):
                return False
            if line.count(b"sip") != line.count(b"127.0.0.1"):
                return False
        if b"maddr=" in line and b"maddr=127.0.0.1" not in line:
            return False
    first = data.split(b"\r\n", 1)[0]
    return b"Route" not in data or b"127.0.0.1" in first


def mutants(random, server, here, count, first_number):
    """This many mutated messages; the same random state gives the same messages."""
    made = 0
    while made < count:
        others = list(corpus(server, here, first_number + made))
        data = mutate(random, random.choice(others), others)
        if stays_here(data):
            made += 1
            yield data
