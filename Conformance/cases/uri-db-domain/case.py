import os
import sqlite3

from harness.digest import answer, challenge

# Made before the servers start: they read it then.
PATH = "/tmp/apus-conformance-uri-db-domain.db"
for ending in ("", "-wal", "-shm", "-journal"):
    if os.path.exists(PATH + ending):
        os.remove(PATH + ending)
with sqlite3.connect(PATH) as database:
    database.executescript(r"""
create table version (table_name varchar(32), table_version integer);
create table subscriber (id integer primary key not null, username varchar(64), domain varchar(64), password varchar(64),
  ha1 varchar(128), ha1b varchar(128));
create table uri (id integer primary key not null, username varchar(64), domain varchar(64), uri_user varchar(64),
  last_modified timestamp);
insert into version values ('subscriber', 7), ('uri', 1);
insert into subscriber (username, domain) values ('alice', 'a.test'), ('bob', 'b.test');
insert into uri (username, domain, uri_user) values ('alice', 'a.test', 'second'), ('alice', 'a.test', 'alice'), ('bob', 'b.test', 'bob');
""")
database.close()


def run(t):
    alice = t.phone("alice")

    def ask(note, method, uri, sender, to, user=None, realm="a.test"):
        def request(*headers):
            made = alice.request(method, uri, headers=list(headers))
            made.set("From", f"<{sender}>;tag=own")
            made.set("To", f"<{to}>")
            return made

        headers = []
        if user:
            alice.send(request(("X-Challenge", realm)))
            headers = [("Authorization", answer(challenge(alice.expect(401)), method, uri, user=user))]
        alice.note(note)
        alice.send(request(*headers))
        alice.expect(200)

    ask("nobody", "MESSAGE", "sip:alice@a.test", "sip:alice@a.test", "sip:alice@a.test")
    ask("alice", "MESSAGE", "sip:alice@a.test", "sip:alice@other", "sip:second@a.test", "alice")
    ask("another realm", "MESSAGE", "sip:alice@b.test", "sip:alice@other", "sip:alice@a.test", "alice", "b.test")
    ask("a domain of the name", "MESSAGE", "sip:alice@a.test", "sip:AlICE@A.test", "sip:a.test", "alice@a.test")
    ask("another domain of the name", "MESSAGE", "sip:alice@a.test", "sip:alice@b.test", "sip:a.test", "alice@b.test")
    ask("register", "REGISTER", "sip:a.test", "sip:alice@a.test", "sip:alice@a.test", "alice")
    ask("capitals", "MESSAGE", "sip:a.test", "sip:ALICE@a.test", "sip:alice@a.test", "ALICE")
