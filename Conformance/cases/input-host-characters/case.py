def run(t):
    alice = t.phone("alice")
    for host in ("a_b", "a{b", "a{b:5070", "{a", "a!b;x=1", "a!b?X=1", "a$b", "a~b", "a.b"):
        alice.note(host)
        request = alice.request("MESSAGE", f"sip:u@{host}").set("To", f"<sip:u@{host}>")
        alice.send(request)
        alice.expect(200)
