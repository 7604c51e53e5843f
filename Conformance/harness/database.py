"""Database files for cases: made before the servers start, for they read them then."""
import os
import sqlite3


def make_database(name, sql):
    """Makes /tmp/apus-conformance-NAME.db with these tables and rows, anew when there is one."""
    path = f"/tmp/apus-conformance-{name}.db"
    for ending in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(path + ending):
            os.remove(path + ending)
    with sqlite3.connect(path) as database:
        database.executescript(sql)
    database.close()
