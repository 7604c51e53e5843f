import time

VARIANTS = ("tcp",)


def run(t):
    notes = []
    alice = t.phone("alice")
    asking = alice.connect()

    def watch(isChosen):
        connection = alice.connect()
        alice.send(alice.request("MESSAGE", f"sip:watch@127.0.0.1:{t.port}"), over=connection)
        alice.expect(200)
        if isChosen:
            alice.send(alice.request("MESSAGE", f"sip:choose@127.0.0.1:{t.port}"), over=connection)
            alice.expect(200)
        return connection

    def close(connection, events):
        connection.sock.close()
        alice.connections.remove(connection)
        end = time.monotonic() + 1
        while True:
            alice.send(alice.request("MESSAGE", f"sip:tell@127.0.0.1:{t.port}"), over=asking)
            reply = alice.expect(200)
            if reply.get("X-Events").startswith(f"{events} ") or time.monotonic() > end:
                notes.append(f"{reply.get('X-Events')}, {reply.get('X-Message')}")
                return
            time.sleep(0.01)

    close(watch(True), 1)
    unwatched = watch(False)
    alice.fence()
    close(unwatched, 0)
    # How often it had to be asked is no matter.
    del alice.record[:]
    for line in notes:
        alice.note(line)
