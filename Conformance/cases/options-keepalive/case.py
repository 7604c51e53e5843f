VARIANTS = ("udp", "tcp", "udp6", "tcp6")


def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("OPTIONS"))
    reply = alice.expect(200)
    t.equal(reply.reason, "Keepalive", "reason")
    t.check(reply.has("Server") and reply["Content-Length"] == "0", "Server and Content-Length")
    t.check(t.transport == "tcp" or f";rport={alice.port};received={alice.host}" in reply["Via"], "rport, received")
