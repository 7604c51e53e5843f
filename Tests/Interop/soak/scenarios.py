"""What callers of run-features do, and what has to come of it: `PLAYS` has a generator by name, true when all was well."""
import re
import time

from harness import digest
from mutate import corpus, mutants
from parties import SDP, T1, fields, status, value

# Calls that have to be answered, whatever the script of features.cfg does for them first.
WAYS = ("wait", "http", "sql", "sleep", "serial", "replace", "fork", "suspend", "lock", "values", "tables", "web", "timeout",
        "text", "refused", "contacts", "redirect", "challenge", "stream", "u", "par")
NAMED = ("name", "srv")


class Scenario:
    """One caller. `play` yields how long it waits (seconds) and is sent the message that came, or None."""

    def __init__(self, world, chance, kind, number, done):
        self.world, self.chance, self.kind, self.number, self.done = world, chance, kind, number, done
        self.call_id = b"%s-%d@soak" % (kind.encode(), number)
        self.stream = None
        self.cseq, self.turn = 0, 0
        self.to, self.route, self.target = b"", [], b""
        self.why = ""
        self.requests = []

    def start(self):
        self.world.live[self.call_id] = self
        self.body = self.run()
        self.step(None)

    def run(self):
        play = PLAYS.get(self.kind, call)
        if self.number % 3 == 0 and play not in (mutated, half):
            self.stream = self.world.connect()
        is_good = yield from play(self)
        if self.stream is not None and self.number % 6:
            self.world.drop(self.stream)  # The others are closed by the server, when they have been quiet for long enough.
        return is_good

    def step(self, message):
        self.turn += 1
        turn = self.turn
        try:
            wait = self.body.send(message)
            self.world.at(wait, lambda: self.step(None) if self.turn == turn else None)
        except StopIteration as end:
            self.world.live.pop(self.call_id, None)
            self.done(self, bool(end.value))
        except OSError as error:
            self.why = repr(error)
            self.world.live.pop(self.call_id, None)
            self.done(self, False)

    def send(self, data):
        self.world.sent += 1
        if self.stream is not None:
            self.stream.send(data)
        else:
            self.world.caller.sendto(data, self.world.server)

    def build(self, method, uri, extra=(), body=b"", cseq=None, branch=None, to=None):
        server = b"127.0.0.1:%d" % self.world.server[1]
        via = b"TCP" if self.stream is not None else b"UDP"
        lines = [
            method + b" " + uri + b" SIP/2.0",
            b"Via: SIP/2.0/%s 127.0.0.1:%d;rport;branch=%s" % (via, self.world.caller_port, branch), b"Max-Forwards: 70",
            b"From: \"A Caller\" <sip:caller@%s>;tag=f%d" % (server, self.number), b"To: " + (to or self.to or b"<" + uri + b">"),
            b"Call-ID: " + self.call_id, b"CSeq: %d %s" % (cseq, method), b"User-Agent: soak/1.0", b"Subject: one", *self.route,
            *extra, b"Content-Length: %d" % len(body)]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def uri(self, user):
        host = b"127.0.0.1:%d" % self.world.server[1]
        return b"sip:" + user + b"@" + host if user else b"sip:" + host

    def pause(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = yield max(0.001, end - time.monotonic())
            if message is not None and not status(message):
                self.requests.append(message)

    def ask(self, method, uri, extra=(), body=b"", patience=40.0, on_ringing=None, to=None):
        """The final reply, after repetitions where there may be a loss; None when there is none in time."""
        self.cseq += 1
        self.branch = b"z9hG4bK%s-%d-%d" % (self.kind.encode(), self.number, self.cseq)
        if method != b"REGISTER":
            extra = (b"Contact: <sip:caller@127.0.0.1:%d>" % self.world.caller_port, *extra)
        if body:
            extra = (*extra, b"Content-Type: application/sdp")
        data = self.build(method, uri, extra, body, self.cseq, self.branch, to)
        self.send(data)
        end, again, is_provisional = time.monotonic() + patience, T1, False
        repeat = time.monotonic() + again
        while True:
            now = time.monotonic()
            message = yield max(0.001, min(repeat, end) - now)
            now = time.monotonic()
            if message is None:
                if now >= end:
                    return None
                if self.stream is None and not is_provisional and now >= repeat:
                    self.send(data)
                again = min(again * 2, 4)
                repeat = now + again
                continue
            code = status(message)
            if code == 0:
                self.requests.append(message)
            elif value(message, b"CSeq") == b"%d %s" % (self.cseq, method):
                if code >= 200:
                    return message
                is_provisional = method == b"INVITE"
                if code > 100 and on_ringing is not None:
                    on_ringing()
                    on_ringing = None

    def acknowledge(self, final, uri):
        """The ACK: of the dialog after a 2xx, else of the transaction."""
        if status(final) >= 300:
            self.send(self.build(b"ACK", uri, (), b"", self.cseq, self.branch, value(final, b"To")))
            return
        self.to = value(final, b"To")
        self.route = [b"Route:" + line.partition(b":")[2] for line in reversed(fields(final, b"Record-Route"))]
        contact = re.search(rb"<([^>]*)>", value(final, b"Contact"))
        self.target = contact[1] if contact else uri
        self.send(self.build(b"ACK", self.target, (), b"", self.cseq, b"z9hG4bKa%d-%d" % (self.number, self.cseq)))

    def expects(self, message, *codes):
        code = status(message) if message is not None else None
        if code in codes:
            return True
        self.why = f"{code} instead of {codes[0]}"
        return False


def call(caller, user=None, hangs_up=True):
    """INVITE, ACK, sometimes a further INVITE or INFO, BYE by either side."""
    user = user or b"%s-%d" % (caller.kind.encode(), caller.number % 10)
    uri = caller.uri(user)
    final = yield from caller.ask(b"INVITE", uri, body=SDP)
    if final is not None:
        caller.acknowledge(final, uri)
    if not caller.expects(final, 200):
        return False
    yield from caller.pause(caller.chance.random() * 0.5)
    if caller.number % 5 == 1 and hangs_up:
        final = yield from caller.ask(b"INVITE", caller.target, body=SDP)
        if final is not None:
            caller.acknowledge(final, caller.target)
        if not caller.expects(final, 200):
            return False
    if caller.number % 5 == 2:
        if not caller.expects((yield from caller.ask(b"INFO", caller.target)), 200, 481):
            return False
    if hangs_up:
        return caller.expects((yield from caller.ask(b"BYE", caller.target)), 200)
    for _ in range(100):
        yield from caller.pause(0.1)
        if any(request.startswith(b"BYE ") for request in caller.requests):
            return True
    caller.why = "no BYE of the callee"
    return False


def hung_up(caller):
    return (yield from call(caller, b"hangup-1", False))


def refused(user, code):
    def play(caller):
        uri = caller.uri(user)
        final = yield from caller.ask(b"INVITE", uri, body=SDP)
        if final is not None:
            caller.acknowledge(final, uri)
        return caller.expects(final, code)
    return play


def cancelled(caller):
    uri = caller.uri(b"ring-1")

    def cancel():
        caller.send(caller.build(b"CANCEL", uri, (), b"", caller.cseq, caller.branch))

    final = yield from caller.ask(b"INVITE", uri, body=SDP, on_ringing=cancel)
    if final is not None:
        caller.acknowledge(final, uri)
    return caller.expects(final, 487)


def asked(method, user, code, event=False):
    def play(caller):
        extra = (b"Event: presence",) if event else ()
        final = yield from caller.ask(method, caller.uri(user), extra)
        return caller.expects(final, code)
    return play


def unanswered(caller):
    final = yield from caller.ask(b"MESSAGE", caller.uri(b"none-1"), patience=0.4)
    return final is None


def register(caller, user, contacts, expires, password="secret", nonce=None, count=1):
    """One REGISTER with what the server asks for; its final reply, and the challenge it answers."""
    uri = caller.uri(b"")
    to = b"<" + caller.uri(user.encode()) + b">"
    extra = [b"Contact: " + contact for contact in contacts] + [b"Expires: %d" % expires]
    if nonce is None:
        first = yield from caller.ask(b"REGISTER", uri, extra, to=to)
        if not caller.expects(first, 401):
            return first, None
        found = re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', value(first, b"WWW-Authenticate").decode())
        nonce = {name.lower(): quoted or plain for name, quoted, plain in found}
    credentials = digest.answer(nonce, "REGISTER", uri.decode(), user=user, password=password, qop="auth", nc=count)
    final = yield from caller.ask(b"REGISTER", uri, [*extra, b"Authorization: " + credentials.encode()], to=to)
    return final, nonce


def registered(caller):
    """A binding that comes, is refreshed, and is deleted or left to end."""
    user = f"r{caller.number % 500}"
    stream = b";transport=tcp" if caller.stream is not None else b""
    contact = b"<sip:%s@127.0.0.1:%d;n=%d%s>;q=0.5" % (user.encode(), caller.world.callee_port, caller.number, stream)
    if caller.number % 7 == 0:
        final, _ = yield from register(caller, user, [contact], 5, password="wrong")
        return caller.expects(final, 401)
    final, nonce = yield from register(caller, user, [contact], 6)
    if not caller.expects(final, 200):
        return False
    for count in (2, 3):
        yield from caller.pause(0.5 + caller.chance.random())
        final, _ = yield from register(caller, user, [contact], 6, nonce=nonce, count=count)
        if not caller.expects(final, 200):
            return False
    end = caller.chance.random()
    if end < 0.3:
        final, _ = yield from register(caller, user, [contact], 0, nonce=nonce, count=4)
    elif end < 0.5:
        final, _ = yield from register(caller, user, [b"*"], 0, nonce=nonce, count=4)
    return caller.expects(final, 200)


def edge(caller):
    """A phone is asked over the connection that it registered over, by Path and a flow token (RFC 5626)."""
    if caller.stream is None:
        caller.stream = caller.world.connect()
    user, number = b"edge-%d" % caller.number, caller.number
    extra = [b'Contact: <sip:caller@127.0.0.1:%d;transport=tcp>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-4000-8000-%012x>"' % (
        caller.world.caller_port, number), b"Supported: path, outbound"]
    uri, to = caller.uri(b""), b"<" + caller.uri(user) + b">"
    for expires in (60, 60, 0):
        final = yield from caller.ask(b"REGISTER", uri, [*extra, b"Expires: %d" % expires], to=to)
        if not caller.expects(final, 200):
            return False
        if not expires:
            break
        caller.requests.clear()
        if not caller.expects((yield from caller.ask(b"MESSAGE", caller.uri(user))), 200):
            return False
        if not any(request.startswith(b"MESSAGE ") for request in caller.requests):
            caller.why = "it was not asked"
            return False
    return caller.expects((yield from caller.ask(b"MESSAGE", caller.uri(user))), 404)


def bound(caller, user, contacts, expires):
    final, _ = yield from register(caller, user, contacts, expires)
    return caller.expects(final, 200)


def mutated(caller):
    """Malformed messages, as datagrams; none has to be answered."""
    port = caller.world.caller_port
    for data in mutants(caller.chance, caller.world.server[1], port, 8, caller.number * 8):
        caller.send(data)
        yield 0.01
    return True


def half(caller):
    """A connection that brings whole, broken and half messages, and ends with or without a word."""
    stream = caller.world.connect()
    good = list(corpus(caller.world.server[1], caller.world.caller_port, caller.number))
    for data in mutants(caller.chance, caller.world.server[1], caller.world.caller_port, 2, caller.number * 2):
        if not stream.is_closed:
            stream.send(data)
        yield 0.01
    if not stream.is_closed:
        stream.send(b"\r\n\r\n" + good[2][:caller.chance.randrange(len(good[2]))])
    yield 0.2
    if caller.number % 2 and not stream.is_closed:
        caller.world.drop(stream)
    return True


def abandoned(caller):
    """An INVITE whose connection is gone before the answer comes."""
    stream = caller.world.connect()
    kept, caller.stream = caller.stream, stream
    caller.send(caller.build(b"INVITE", caller.uri(b"sleep-1"), (
        b"Contact: <sip:caller@127.0.0.1:%d>" % caller.world.caller_port,), SDP, 1, b"z9hG4bKgone-%d" % caller.number))
    yield 0.02
    caller.world.drop(stream)
    caller.stream = kept
    return True


PLAYS = {
    "busy": refused(b"busy-1", 486), "dead": refused(b"dead-1", 408), "ring": cancelled, "hangup": hung_up, "unknown": refused(b"u-unknown", 404),
    "message": asked(b"MESSAGE", b"message-1", 200), "plain": asked(b"MESSAGE", b"plain-1", 200), "none": unanswered,
    "publish": asked(b"PUBLISH", b"u-1", 489, True), "options": asked(b"OPTIONS", b"", 200), "register": registered, "edge": edge,
    "mutated": mutated, "half": half, "abandoned": abandoned}
# How often, beside each of the calls once.
WEIGHTS = {"register": 12, "edge": 3, "mutated": 4, "half": 4, "options": 4, "message": 3, "ring": 3, "u": 4}
