from harness.message import Message


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for code, method in ((180, "INVITE"), (200, "INVITE"), (404, "INVITE"), (200, "BYE"), (404, "CANCEL")):
        for top in (f"SIP/2.0/UDP 127.0.0.1:{t.port};branch=z9hG4bKdead.beefown.0",
                    "SIP/2.0/UDP 127.0.0.1:23399;branch=z9hG4bKdead.beefown.0", None):
            reply = Message(f"SIP/2.0 {code} Own", [
                *([("Via", top)] if top else []), ("Via", alice.via()), ("From", f"<{alice.aor}>;tag=own-1"),
                ("To", f"<{bob.aor}>;tag=own-2"), ("Call-ID", t.new_call_id()), ("CSeq", f"1 {method}"),
                ("Content-Length", "0")])
            alice.note(f"{code} to {method}, top Via {top or 'of the caller'}")
            bob.send(reply)
            bob.fence()
            alice.fence()
    t.allow_unclaimed = True
