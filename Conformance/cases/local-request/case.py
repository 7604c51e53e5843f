def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for user in ("plain", "whole"):
        alice.send(alice.request(
            "INFO", f"sip:{user}@127.0.0.1:{t.port}",
            headers=[("X-Next", bob.contact), ("X-Call", f"{t.new_call_id()}")]))
        t.equal(alice.expect(202)["X-Code"], "1", "sent")
        request = bob.receive()
        t.check(request is not None, "a request reaches bob")
        bob.reply(request, 200, "OK")
    t.equal(request["CSeq"], "77 MESSAGE", "CSeq as given")
    t.equal(request.body, b"hello", "body")
    for user in ("refused", "typeless"):
        alice.send(alice.request(
            "INFO", f"sip:{user}@127.0.0.1:{t.port}", headers=[("X-Next", bob.contact)]))
        t.equal(alice.expect(202)["X-Code"], "-1", "refused")
    bob.expect_silence()
