import socket
import struct
import time

VARIANTS = ("tcp",)


def run(t):
    notes = []
    alice = t.phone("alice")
    asking = alice.connect()

    def watch():
        connection = alice.connect()
        alice.send(alice.request("MESSAGE", f"sip:watch@127.0.0.1:{t.port}"), over=connection)
        alice.expect(200)
        return connection

    def told(events):
        end = time.monotonic() + 1
        while True:
            request = alice.request("MESSAGE", f"sip:tell@127.0.0.1:{t.port}")
            alice.send(request, over=asking)
            reply = alice.expect(200)
            # The route writes down what it sees one after the other, and another process may look in between.
            is_whole = reply.get("X-Events").startswith(f"{events} ") and reply.get("X-Message") != "0"
            if is_whole or time.monotonic() > end:
                notes.append(f"{reply.get('X-Events')}, {reply.get('X-Known')}, {reply.get('X-Message')}")
                return
            time.sleep(0.01)

    closed = watch()
    closed.sock.close()
    alice.connections.remove(closed)
    told(1)
    reset = watch()
    reset.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reset.sock.close()
    alice.connections.remove(reset)
    told(1)
    own = watch()
    alice.send(alice.request("MESSAGE", f"sip:close@127.0.0.1:{t.port}"), over=own)
    alice.expect(200)
    alice.expect_closed(own)
    own.sock.close()
    alice.connections.remove(own)
    told(1)
    # How often it had to be asked is no matter.
    del alice.record[:]
    for line in notes:
        alice.note(line)
