import os
import sqlite3

# Made before the servers start: they read it then.
PATH = "/tmp/apus-conformance-secfilter-contacts.db"
for ending in ("", "-wal", "-shm", "-journal"):
    if os.path.exists(PATH + ending):
        os.remove(PATH + ending)
with sqlite3.connect(PATH) as database:
    database.executescript(r"""
create table version (table_name varchar(32), table_version integer);
create table secfilter (id integer primary key not null, action smallint, type smallint, data varchar(64));
insert into version values ('secfilter', 1);
insert into secfilter (action, type, data) values (0, 0, 'friendly-scanner'), (0, 0, 'sipcli'), (0, 1, 'ps'),
  (0, 2, 'bad.example'), (0, 3, '5.56.57.'), (0, 4, 'sipvicious'), (1, 0, 'asterisk pbx'), (1, 2, 'good.example'),
  (1, 4, 'trusted'), (2, 0, '555123'), (1, 1, 'es'), (1, 3, '9.9.9.9'), (0, 4, 'Eve');
""")
database.close()


def run(t):
    alice = t.phone("alice")
    for contacts in (
            ["<sip:a@b>, <sip:sipvicious@c>"], ["<sip:sipvicious@c>, <sip:a@b>"], ["<sip:a@b>, <sip:trusted@c>"],
            ["<sip:a@b>", "<sip:sipvicious@c>"], ["<sip:sipvicious@c>", "<sip:a@b>"], ["*"]):
        request = alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}")
        for contact in contacts:
            request.add("Contact", contact)
        alice.note(f"{contacts}")
        alice.send(request)
        alice.expect(200)
