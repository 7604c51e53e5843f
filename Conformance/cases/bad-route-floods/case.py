def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    here = f"127.0.0.1:{t.port}"

    def ask(label, request):
        alice.note(label)
        bob.note(label)
        alice.send(request)
        bob.reply(bob.expect("INFO"), 200, "OK")
        alice.expect(200)

    for count in (2, 20):
        ask(f"{count} own Routes", alice.request(
            "INFO", bob.contact, to="<sip:b@x>;tag=own-1", routes=[f"<sip:{here};lr>"] * count))
        ask(f"{count} own Routes in a list", alice.request(
            "INFO", bob.contact, to="<sip:b@x>;tag=own-1", routes=[", ".join([f"<sip:{here};lr>"] * count)]))
    for count in (2, 30, 300):
        request = alice.request("INFO", bob.contact)
        for number in range(count):
            request.add("Via", f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKown-{number}")
        ask(f"{count} Vias", request)
    request = alice.request("INFO", bob.contact)
    request.set("Via", request["Via"] + ", SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKown-x" * 8)
    ask("Vias in a list", request)
    request = alice.request("INFO", bob.contact)
    request.add("Via", request["Via"])
    ask("the same Via twice", request)
    for tag in (";tag=" + "x" * 500, ';x=y;tag=own', ";TAG=own"):
        ask(f"To {tag[:20]}", alice.request("INFO", bob.contact, to=f"<sip:b@x>{tag}", routes=[f"<sip:{here};lr>"]))
