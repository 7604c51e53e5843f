"""A phone that knows SIP: it builds requests and replies whose every value is fixed by the case."""
import re

from .message import Message, uri_of
from .phone import Phone

WITH_CONTACT = ("INVITE", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE", "REGISTER")
SDP = ("v=0\r\no=own 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 30000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")


class Agent(Phone):
    """The user agent of one user."""

    @property
    def aor(self):
        """The address of record of this user at the server."""
        return f"sip:{self.user}@{self.context.host_text}:{self.context.port}"

    @property
    def contact(self):
        suffix = ";transport=tcp" if self.transport == "tcp" else ""
        return f"sip:{self.user}@{self.host_text}:{self.port}{suffix}"

    def via(self, branch=None, rport=True):
        branch = branch or f"z9hG4bKown-{self.context.next_number()}"
        flag = ";rport" if rport else ""
        return f"SIP/2.0/{self.transport.upper()} {self.host_text}:{self.port};branch={branch}{flag}"

    def request(self, method, uri=None, *, to=None, call_id=None, cseq=1, branch=None, contact=None, routes=(),
                headers=(), body="", content_type=None, max_forwards=70):
        """A request outside a dialog; change it with set/add/remove before sending."""
        uri = uri or self.context.server_uri
        contact = contact if contact is not None else f"<{self.contact}>" if method in WITH_CONTACT else None
        fields = [("Via", self.via(branch))]
        fields += [("Route", route) for route in routes]
        fields += [
            ("Max-Forwards", str(max_forwards)),
            ("From", f"<{self.aor}>;tag=own-{self.name}-1"),
            ("To", to or f"<{uri}>"),
            ("Call-ID", call_id or self.context.new_call_id()),
            ("CSeq", f"{cseq} {method}"),
        ]
        if contact:
            fields.append(("Contact", contact))
        fields += [("User-Agent", "own-phone/1.0"), *headers]
        if body:
            fields.append(("Content-Type", content_type or "application/sdp"))
        fields.append(("Content-Length", str(len(body.encode()))))
        return Message(f"{method} {uri} SIP/2.0", fields, body)

    def invite(self, callee, **options):
        """Sends an INVITE with an SDP body to a phone (its address of record) or a URI."""
        uri = callee if isinstance(callee, str) else callee.aor
        options.setdefault("body", SDP)
        return self.send(self.request("INVITE", uri, **options))

    def register_request(self, *contacts, expires=None, cseq=1, call_id=None, headers=()):
        """A REGISTER for this user with these Contact values (none: a query)."""
        request = self.request(
            "REGISTER", to=f"<{self.aor}>", cseq=cseq, call_id=call_id or f"own-{self.context.slug}-reg-{self.name}",
            headers=headers)
        request.remove("Contact")
        for value in contacts:
            request.add("Contact", value)
        if expires is not None:
            request.add("Expires", str(expires))
        return request

    def register(self, contact=None, expires=600, cseq=1):
        """Binds this phone's address (or the given Contact value) and expects 200."""
        self.send(self.register_request(contact or f"<{self.contact}>", expires=expires, cseq=cseq))
        return self.expect(200)

    def response(self, request, code, reason, *, contact=None, headers=(), body="", tag=None):
        """A reply to a received request, with a To tag unless it is a 100 (RFC 3261 section 8.2.6)."""
        to = request["To"]
        if code > 100 and ";tag=" not in to:
            to += f";tag={tag or 'own-' + self.name + '-2'}"
        fields = [("Via", value) for value in request.all("Via")]
        if 100 < code < 300:
            fields += [("Record-Route", value) for value in request.all("Record-Route")]
        fields += [("From", request["From"]), ("To", to), ("Call-ID", request["Call-ID"]), ("CSeq", request["CSeq"])]
        if contact is None and 100 < code < 300 and request.method in ("INVITE", "SUBSCRIBE", "UPDATE"):
            contact = f"<{self.contact}>"
        if contact:
            fields.append(("Contact", contact))
        fields += [("Server", "own-phone/1.0"), *headers]
        if body:
            fields.append(("Content-Type", "application/sdp"))
        fields.append(("Content-Length", str(len(body.encode()))))
        return Message(f"SIP/2.0 {code} {reason}", fields, body)

    def reply(self, request, code, reason, **options):
        message = self.response(request, code, reason, **options)
        return self.send(message, over=request.link)

    def cancel(self, invite, headers=()):
        """Sends the CANCEL of a request that this phone sent (RFC 3261 section 9.1)."""
        cancel = hop_by_hop(invite, "CANCEL", invite["To"])
        for name, value in headers:
            cancel.add(name, value)
        return self.send(cancel)

    def ack_failure(self, invite, reply):
        """Sends the ACK of a failure reply: same branch and CSeq number (RFC 3261 section 17.1.1.3)."""
        return self.send(hop_by_hop(invite, "ACK", reply["To"]))


def hop_by_hop(invite, method, to):
    fields = [("Via", invite["Via"])]
    fields += [("Route", route) for route in invite.all("Route")]
    fields += [
        ("Max-Forwards", "70"), ("From", invite["From"]), ("To", to), ("Call-ID", invite["Call-ID"]),
        ("CSeq", f"{invite['CSeq'].split()[0]} {method}"), ("Content-Length", "0"),
    ]
    return Message(f"{method} {invite.uri} SIP/2.0", fields)


def route_values(message):
    """The Record-Route values of a message in order, one element each."""
    return [part for value in message.all("Record-Route") for part in re.split(r",\s*(?=<)", value)]


class Dialog:
    """One side of a dialog: whom to address and through which proxies (RFC 3261 section 12)."""

    def __init__(self, phone, call_id, local, remote, target, routes, cseq):
        self.phone = phone
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.target = target
        self.routes = routes
        self.cseq = cseq

    @classmethod
    def of_caller(cls, phone, invite, ok):
        return cls(phone, invite["Call-ID"], invite["From"], ok["To"], uri_of(ok["Contact"]),
                   route_values(ok)[::-1], int(invite["CSeq"].split()[0]))

    @classmethod
    def of_callee(cls, phone, invite, ok):
        return cls(phone, invite["Call-ID"], ok["To"], invite["From"], uri_of(invite["Contact"]),
                   route_values(invite), 100)

    def build(self, method, cseq=None, **options):
        if cseq is None and method != "ACK":
            self.cseq += 1
        request = self.phone.request(
            method, self.target, call_id=self.call_id, cseq=cseq or self.cseq, to=self.remote,
            routes=options.pop("routes", self.routes), **options)
        return request.set("From", self.local)

    def send(self, method, **options):
        return self.phone.send(self.build(method, **options))
