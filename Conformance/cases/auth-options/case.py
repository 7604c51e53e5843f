import re

from harness.digest import answer


def run(t):
    alice = t.phone("alice")
    uri = f"sip:x@127.0.0.1:{t.port}"

    def ask(note, value=None, headers=(), **options):
        alice.note(note)
        fields = [("Authorization", value)] if value is not None else []
        alice.send(alice.request("MESSAGE", uri, headers=[*fields, *headers], **options))
        reply = alice.receive()
        alice.fence()
        while alice.inbox:
            alice.receive()
        return reply

    for way in ("0", "www", "proxy"):
        reply = ask("challenge " + way, headers=[("X-Challenge", way)])
        value = reply.get("X-WWW-Authenticate") or reply.get("X-Proxy-Authenticate")
        offer = dict(re.findall(r'(\w+)="?([^",]*)', value))
        ask("plain", answer(offer, "MESSAGE", uri))
        ask("protected", answer(offer, "MESSAGE", uri, qop="auth"))
        ask("prefix", answer(offer, "MESSAGE", uri, qop="auth", realm="sip.example.org"))
        ask("wrong", answer(offer, "MESSAGE", uri, password="guess"))
    for flags in ("2", "4", "8", "16", "method"):
        ask("flags " + flags, headers=[("X-Flags", flags)])
        ask("flags, wrong" + flags, answer(offer, "MESSAGE", uri, realm="example.org", password="guess"), headers=[("X-Flags", flags)])
        ask("flags, BYE" + flags, answer(offer, "BYE", uri, realm="example.org"), headers=[("X-Flags", flags)])
    ask("nothing")
