"""What the server of features.cfg lives with: its database, its names, the ports of those around it."""
import os
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Conformance"))

from harness import dns  # noqa: E402

ROWS = """insert into domain (domain) values ('soak.test');
insert into grp (username, domain, grp) values ('caller', '127.0.0.1', 'soak');
insert into re_grp (reg_exp, group_id) values ('^sip:caller@.*', 7);
insert into address (grp, ip_addr, mask, port) values (1, '127.0.0.1', 32, 0), (2, '10.0.0.0', 8, 0);
insert into uri (username, domain, uri_user) values ('own', 'soak.test', 'own'), ('caller', 'soak.test', '1');
insert into dbaliases (alias_username, alias_domain, username, domain) values ('boss', 'soak.test', 'own', 'soak.test');
insert into speed_dial (username, domain, sd_username, sd_domain, new_uri)
  values ('caller', '127.0.0.1', '1', 'soak.test', 'sip:own@soak.test');
insert into usr_preferences (uuid, username, domain, attribute, type, value) values ('', 'own', 'soak.test', 'colour', 0, 'red');
insert into dialplan (dpid, pr, match_op, match_exp, match_len, subst_exp, repl_exp, attrs)
  values (1, 1, 1, '^0[1-9][0-9]+$', 0, '^0(.+)$', '0049\\1', 'de');
insert into secfilter (action, type, data) values (0, 0, 'scanner'), (1, 3, '127.0.0.1'), (2, 0, '0900');
alter table acc add column src_ip text; alter table acc add column kind text;
create table soak_calls (call_id text, since int);"""




class Names(dns.NameServer):
    """Also every name that begins with `any`; it forgets what it was asked."""

    def answer(self, data):
        self.asked.clear()
        return super().answer(data)


def make_database(arguments, path):
    subprocess.run([arguments.apusctl, "db", "create", "--url", f"sqlite://{path}"], check=True, stdout=subprocess.DEVNULL)
    with sqlite3.connect(path) as database:
        database.executescript(ROWS)
        users = [f"r{number}" for number in range(500)] + [f"{kind}-{number}" for kind in ("u", "par") for number in range(10)]
        database.executemany("insert into subscriber (username, domain, password) values (?, 'soak', 'secret')",
                             [(user,) for user in users])
    database.close()
    # The tables of db_text.
    os.mkdir(f"{os.path.dirname(path)}/text")
    with open(f"{os.path.dirname(path)}/text/calls", "w") as table:
        table.write("call_id(string) since(int)\n")


def configuration(arguments, folder, has_names):
    port = arguments.base_port
    with open(arguments.cfg) as source:
        text = source.read()
    for word, value in (("FOLDER", folder), ("SERVER_PORT", port), ("CALLEE_PORT", port + 1), ("RELAY_PORT", port + 10),
                        ("WEB_PORT", port + 4), ("DEAD_PORT", port + 5), ("SILENT_PORT", port + 8)):
        text = text.replace(word, str(value))
    return ("#!KAMAILIO\n#!define WITH_NAMES\n" if has_names else "#!KAMAILIO\n") + text


def names(port):
    server = Names()
    for number in range(40):
        server.add(f"any{number}.soak.test", "A", "127.0.0.1")
    server.add("host.soak.test", "A", "127.0.0.1")
    server.add("_sip._udp.pbx.soak.test", "SRV", 1, 1, port + 1, "host.soak.test")
    server.add("_sip._udp.mass.soak.test", "SRV", 1, 1, port + 14, "host.soak.test")
    server.add("_sip._tcp.failover.soak.test", "SRV", 1, 1, port + 5, "host.soak.test")
    server.add("_sip._tcp.failover.soak.test", "SRV", 2, 1, port + 1, "host.soak.test")
    return server
