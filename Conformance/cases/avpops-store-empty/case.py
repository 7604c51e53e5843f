import os
import sqlite3

# Made before the servers start: they look for it then.
PATH = "/tmp/apus-conformance-empty.db"
for ending in ("", "-wal", "-shm", "-journal"):
    if os.path.exists(PATH + ending):
        os.remove(PATH + ending)
with sqlite3.connect(PATH) as database:
    database.executescript("""
create table usr_preferences (id integer primary key not null, uuid varchar(64), username varchar(255),
  domain varchar(64), attribute varchar(32), type integer default 0, value varchar(128), last_modified timestamp);
create table subscriber (id integer primary key not null, username varchar(64), domain varchar(64), password varchar(64));
insert into subscriber (username, domain, password) values ('alice', '127.0.0.1', 'secret');
create table version (table_name varchar(32), table_version integer);
insert into version values ('usr_preferences', 2);
""")
database.close()


def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(200)
