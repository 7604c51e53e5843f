def run(t):
    bob = t.phone("bob")
    request = bob.register_request(f"<{bob.contact}>", expires=600)
    bob.send(request)
    first = bob.expect(200)
    bob.send(request)
    if not bob.wait(lambda: bob.inbox or bob.copies_of(first) > 1):
        t.check(False, "an answer to the repetition")
    while bob.inbox:
        again = bob.expect(200)
        t.equal(len(again.all("Contact")), 1, "one binding")
