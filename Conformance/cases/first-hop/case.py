def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    here = f"127.0.0.1:{t.port}"
    for vias in ([], ["SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKown-a"],
                 ["SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKown-a", "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKown-b"]):
        request = alice.request("MESSAGE", bob.contact)
        for via in vias:
            request.add("Via", via)
        alice.send(request)
        received = bob.expect("MESSAGE")
        for routes in ([], [f"<sip:{here};lr>"], ["<sip:192.0.2.9;lr>"], [f"<sip:{here};lr>", "<sip:192.0.2.9;lr>"],
                       ["<sip:192.0.2.9;lr>", f"<sip:{here};lr>"], [f"<sip:own.example;lr>"]):
            reply = bob.response(received, 200, "OK")
            reply.remove("Record-Route")
            for route in routes:
                reply.add("Record-Route", route)
            bob.note(f"{len(vias)} {routes}")
            alice.note(f"{len(vias)} {routes}")
            bob.send(reply)
            bob.fence()
            alice.fence()
            alice.inbox.clear()
