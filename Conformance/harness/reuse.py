"""A right answer given again in requests that differ in what a nonce may be bound to."""
from .digest import answer, challenge


def run(t):
    alice = t.phone("alice")
    uri = f"sip:x@127.0.0.1:{t.port}"

    def ask(note, value=None, **options):
        alice.note(note)
        fields = [("Authorization", value)] if value is not None else []
        alice.send(alice.request("MESSAGE", uri, headers=fields, **options))
        return alice.receive()

    own = t.new_call_id()
    offer = challenge(ask("nothing", call_id=own))
    right = answer(offer, "MESSAGE", uri, qop="auth")
    ask("the same", right, call_id=own)
    ask("another Call-ID", right)
    alice.note("another From tag")
    request = alice.request("MESSAGE", uri, call_id=own, headers=[("Authorization", right)])
    request.set("From", "<sip:own@example.org>;tag=own-other")
    alice.send(request)
    alice.receive()
    alice.note("another Request-URI")
    alice.send(alice.request("MESSAGE", uri + ";own=1", call_id=own, headers=[("Authorization", right)]))
    alice.receive()
    bob = t.phone("bob")
    bob.note("another source port")
    bob.send(bob.request("MESSAGE", uri, call_id=own, headers=[("Authorization", right)]))
    bob.receive()
