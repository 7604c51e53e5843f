def run(t):
    alice = t.phone("alice")
    for request in (
            alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port};x=y", body="own", content_type="text/plain"),
            alice.request("MESSAGE", f"sip:+12015550123@127.0.0.1:{t.port};x", to="<sip:b@h>;tag=own-1",
                          headers=[("Privacy", "id;critical")], max_forwards=69),
            alice.request("INFO", f"sip:127.0.0.1:{t.port};gr=own", headers=[("Contact", "<sip:a@h;gr=1>")])):
        alice.send(request)
        alice.expect(200)
