def run(t):
    bob = t.phone("bob")
    request = bob.register_request(f"<{bob.contact}>", expires=600)
    request.start = "REGISTER sip:elsewhere.example SIP/2.0"
    bob.send(request)
    t.equal(bob.expect(403).reason, "Not relaying", "reason")
