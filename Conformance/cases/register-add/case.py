VARIANTS = ("udp", "tcp", "udp6", "tcp6")


def run(t):
    bob = t.phone("bob")
    ok = bob.register(expires=600)
    t.check(ok["Contact"].startswith(f"<{bob.contact}>;expires="), "contact listed")
    t.check(ok["Via"].count("rport=") == 1, "rport filled in")
    t.check(ok.to_tag(), "To tag")
    carol = t.phone("carol")
    t.equal(len(carol.register().all("Contact")), 1, "own contact only")
