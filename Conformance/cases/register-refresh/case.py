VARIANTS = ("udp", "tcp")


def run(t):
    bob = t.phone("bob")
    bob.register(expires=600, cseq=1)
    ok = bob.register(expires=1200, cseq=2)
    t.equal(len(ok.all("Contact")), 1, "one binding")
    t.check("expires=1200" in ok["Contact"] or "expires=1199" in ok["Contact"], "new expiry")
