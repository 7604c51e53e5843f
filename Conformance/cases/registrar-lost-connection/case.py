import time

VARIANTS = ("tcp",)


def run(t):
    alice, bob, carol = t.phone("alice"), t.phone("bob"), t.phone("carol")
    first = bob.connect()
    bob.send(bob.register_request(f"<{bob.contact}>", expires=600), over=first)
    bob.expect(200)
    carol.register()

    def ask(phone):
        alice.send(alice.request("MESSAGE", phone.aor))
        return alice.receive().status

    t.equal(ask(bob), 200, "while the connection lives")
    first.sock.close()
    bob.connections.remove(first)
    # One server looks at once, the other every second.
    time.sleep(2.5)
    alice.note(f"the lost one: {ask(bob)}, the other one: {ask(carol)}")
