import os
import sqlite3

# Made before the servers start: they look for it then.
PATH = "/tmp/apus-conformance-attributes.db"
for ending in ("", "-wal", "-shm", "-journal"):
    if os.path.exists(PATH + ending):
        os.remove(PATH + ending)
with sqlite3.connect(PATH) as database:
    database.executescript("""
create table location (id integer primary key not null, ruid varchar(64) default '' not null,
  username varchar(64) default '' not null, domain varchar(64) default null, contact varchar(512) default '' not null,
  received varchar(128) default null, path varchar(512) default null, expires timestamp, q real default 1.0,
  callid varchar(255), cseq integer default 1, last_modified timestamp, flags integer default 0,
  cflags integer default 0, user_agent varchar(255) default '', socket varchar(64) default null,
  methods integer default null, instance varchar(255) default null, reg_id integer default 0,
  server_id integer default 0, connection_id integer default 0, keepalive integer default 0,
  partition integer default 0, unique (ruid));
create table location_attrs (id integer primary key not null, ruid varchar(64) default '' not null,
  username varchar(64) default '' not null, domain varchar(64) default null, aname varchar(64) default '' not null,
  atype integer default 0 not null, avalue varchar(512) default '' not null, last_modified timestamp);
create table version (table_name varchar(32), table_version integer);
insert into version values ('location', 9), ('location_attrs', 1);
""")
database.close()


def run(t):
    bob = t.phone("bob")
    bob.register()
    with sqlite3.connect(PATH) as file:
        rows = file.execute("select username, aname, atype, avalue from location_attrs order by aname").fetchall()
        file.execute("delete from location_attrs")
        file.execute("delete from location")
    file.close()
    bob.note(f"stored: {rows}")
