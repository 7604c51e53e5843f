import os
import sqlite3

from harness.digest import answer, challenge

# Made before the servers start: they read it then.
PATH = "/tmp/apus-conformance-group-members-with-domain.db"
for ending in ("", "-wal", "-shm", "-journal"):
    if os.path.exists(PATH + ending):
        os.remove(PATH + ending)
with sqlite3.connect(PATH) as database:
    database.executescript(r"""
create table version (table_name varchar(32), table_version integer);
create table grp (id integer primary key not null, username varchar(64), domain varchar(64), grp varchar(64),
  last_modified timestamp);
create table re_grp (id integer primary key not null, reg_exp varchar(128), group_id integer);
insert into version values ('grp', 2), ('re_grp', 1);
insert into grp (username, domain, grp) values ('alice', 'a.test', 'ld'), ('bob', 'x.test', 'ld'), ('alice', 'b.test', 'int');
insert into re_grp (reg_exp, group_id) values ('^sip:alice@a\.test$', 5), ('alice', 3), ('^sip:b', 7), ('ALICE@', 9), ('^alice$', 11);
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

    ask("nobody", "MESSAGE", "sip:bob@b.test", "sip:alice@a.test", "sip:carol@c.test")
    ask("alice", "MESSAGE", "sip:alice@a.test", "sip:alice@other", "sip:alice@a.test", "alice")
    ask("another realm", "MESSAGE", "sip:alice:pw@a.test:5080;x=y", "sip:AlICE@A.test", "sip:a.test", "alice", "b.test")
    ask("a domain of the name", "MESSAGE", "sip:alice@a.test", "sip:alice@a.test", "sip:a.test", "alice@a.test", "b.test")
    ask("register", "REGISTER", "sip:a.test", "sip:bob@b.test", "sip:bob@b.test", "bob", "b.test")
