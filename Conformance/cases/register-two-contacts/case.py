def contacts(reply):
    return ", ".join(reply.all("Contact"))


def run(t):
    bob, carol = t.phone("bob"), t.phone("carol")
    bob.send(bob.register_request(
        "<sip:one@127.0.0.1:23391>;expires=600, <sip:two@127.0.0.1:23392>;expires=1200"))
    ok = bob.expect(200)
    t.check("sip:one@" in contacts(ok) and "sip:two@" in contacts(ok), "both listed")
    carol.send(carol.register_request(
        "<sip:one@127.0.0.1:23391>;expires=600", "<sip:two@127.0.0.1:23392>;expires=1200"))
    t.check("sip:two@" in contacts(carol.expect(200)), "both listed")
