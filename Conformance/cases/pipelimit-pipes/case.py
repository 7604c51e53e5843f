from harness.database import make_database

make_database("pipelimit", r"""
create table version (table_name varchar(32), table_version integer);
create table pl_pipes (id integer primary key not null, pipeid varchar(64), algorithm varchar(32), plimit integer);
insert into version values ('pl_pipes', 1);
insert into pl_pipes (pipeid, algorithm, plimit) values ('stored', 'TAILDROP', 3), ('free', 'NOP', 5), ('spread', 'RED', 4);
""")


def run(t):
    alice = t.phone("alice")
    control = t.control()

    def check(pipe, count, algorithm=None, limit=None):
        headers = [("X-Pipe", pipe), ("X-Count", str(count))]
        if algorithm:
            headers += [("X-Algorithm", algorithm), ("X-Limit", str(limit))]
        alice.note(f"{pipe} {algorithm} {limit}")
        alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}", headers=headers))
        alice.expect(200)

    check("stored", 6)
    check("free", 2)
    check("spread", 6)
    check("none", 2)
    check("made", 5, "TAILDROP", 3)
    check("made", 2, "RED", 9)
    check("made", 2, "TAILDROP", 0)
    check("nothing", 2, "TAILDROP", 0)
    check("other", 2, "own", 3)
    check("negative", 2, "TAILDROP", -3)
    for words in (
            ("pl.list", "made"), ("pl.list", "none"), ("pl.set_pipe", "made", "RED", 7), ("pl.list", "made"),
            ("pl.set_pipe", "made", "own", 7), ("pl.set_pipe", "none", "RED", 7), ("pl.get_pid",)):
        alice.note(f"{words}: {control.call(*words)}")
    for command in ("pl.get_pipes", "pl.stats"):
        alice.note(f"{command}: " + " ".join(sorted(" ".join(line.split()) for line in control.call(command).split("PIPE:"))))
