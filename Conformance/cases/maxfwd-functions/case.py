def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    for hops in ("70", "1", "0", "71", "255", "256", "300", "4294967296", "own", "", "-1", "007", "10", "9", None):
        for step in ("process", "limit", "both", "processed-limit"):
            request = alice.request("MESSAGE", bob.contact, headers=[("X-Step", step)])
            if hops is None:
                request.remove("Max-Forwards")
            else:
                request.set("Max-Forwards", hops)
            for phone in (alice, bob):
                phone.note(f"{hops} {step}")
            alice.send(request)
            alice.fence()
            bob.fence()
            bob.inbox.clear()
            alice.inbox.clear()
