import re
import time


def run(t):
    alice = t.phone("alice")
    control = t.control()

    def current():
        return int(re.search(r"current\D+(\d+)", control.call("tm.stats")).group(1))

    for method in ("MESSAGE", "INVITE"):
        request = alice.request(method, f"sip:own@127.0.0.1:{t.port}")
        alice.send(request)
        alice.expect_silence()
        alice.note(f"{method}: {current()} there")
        alice.send(request)
        alice.expect(299)
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", headers=[("X-Say", "1")]))
    alice.expect(404)
    alice.note(f"{current()} there")
    end = time.monotonic() + 20
    while current() > 0 and time.monotonic() < end:
        time.sleep(0.2)
    alice.note(f"{current()} left")
