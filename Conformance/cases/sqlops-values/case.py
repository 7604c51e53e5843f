import os
import sqlite3

# Made before the servers start: they look for it then.
PATH = "/tmp/apus-conformance-values.db"
for ending in ("", "-wal", "-shm", "-journal"):
    if os.path.exists(PATH + ending):
        os.remove(PATH + ending)
with sqlite3.connect(PATH) as database:
    database.executescript("create table first (a int);")
database.close()


def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(200)
