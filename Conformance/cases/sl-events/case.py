def run(t):
    alice = t.phone("alice")
    for method in ("INVITE", "MESSAGE", "BYE"):
        for code, reason in (("404", "Not Found"), ("200", "OK"), ("302", "Moved"), ("699", "Own"), ("183", "Own")):
            sent = alice.send(alice.request(method, f"sip:own@127.0.0.1:{t.port}", headers=[
                ("X-Code", code), ("X-Reason", reason)]))
            reply = alice.receive()
            if method == "INVITE" and int(code) >= 300:
                alice.ack_failure(sent, reply)
                alice.fence()
    alice.send(alice.request("ACK", f"sip:own@127.0.0.1:{t.port}", to="<sip:own@x>;tag=own-strange"))
    alice.fence()
    alice.send(alice.request("INFO", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(200)
