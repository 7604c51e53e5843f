import time


def run(t):
    alice, one = t.phone("alice"), t.phone("one")
    for case, method, ring in (("set", "INVITE", 0), ("set-inv", "INVITE", 1), ("avp", "INVITE", 0),
                               ("avp-inv", "INVITE", 1), ("lifetime", "INVITE", 1), ("set", "MESSAGE", 0),
                               ("lifetime-non", "MESSAGE", 0)):
        request = alice.request(method, f"sip:service@127.0.0.1:{t.port}", headers=[
            ("X-1", one.contact), ("X-Case", case)])
        begin = time.monotonic()
        alice.send(request)
        if method == "INVITE":
            alice.expect(100)
        received = one.expect(method)
        if ring:
            one.reply(received, 180, "Ringing")
            alice.expect(180)
        final = alice.expect(408)
        took = time.monotonic() - begin
        alice.note(f"{case} {method}: {'about a second' if 0.9 < took < 1.4 else 'under a second' if took <= 0.9 else 'long'}")
        if method == "INVITE":
            alice.ack_failure(request, final)
        if ring:
            one.reply(one.expect("CANCEL"), 200, "OK")
            one.reply(received, 487, "Request Terminated")
            one.expect("ACK")
        one.wait(lambda: False, 0.2)
        one.inbox.clear()
