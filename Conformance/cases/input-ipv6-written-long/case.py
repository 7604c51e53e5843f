VARIANTS = ("udp6",)


def run(t):
    alice = t.phone("alice")
    for sent_by in (f"[2001:db8::1]:{alice.port}", f"alice.example:{alice.port}"):
        request = alice.request("OPTIONS")
        alice.send(request.set("Via", f"SIP/2.0/UDP {sent_by};branch=z9hG4bKown-{t.next_number()}"))
        alice.expect(200)
