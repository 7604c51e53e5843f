"""Who keeps the server of features.cfg busy: callers in numbers, scenarios, commands."""
import http.client
import json
import os
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Conformance"))

from harness import jsonrpc  # noqa: E402
from harness.control import Control  # noqa: E402
from scenarios import NAMED, PLAYS, WAYS, WEIGHTS, Scenario, bound  # noqa: E402

COMMANDS = """tm.stats;tm.hash_stats;tm.list;core.tcp_list;core.tcp_info;core.ps;core.shmmem;core.uptime;core.sockets_list
apus.suspended;apus.configurations;htable.dump seen;htable.dump total;htable.stats;ul.dump brief;ul.lookup location u-1
ul.flush;ul.db_contacts location;ul.db_expired_contacts location;pike.top ALL;pl.list;pl.stats;rl.get_pipes;rl.stats
stats.get_statistics all;stats.fetch core:;cnt.grp_get_all script;cnt.list_groups;dlgs.briefing;dlgs.stats;dialplan.reload
dialplan.translate 1 0301;secfilter.reload;secfilter.stats;secfilter.print;permissions.addressReload;permissions.addressDump
permissions.trustedReload;domain.reload;domain.dump;uac.reg_dump;mqueue.get_sizes;cfg.list;cfg.diff;httpclient.listcon
db_text.dump;dns.view;dns.mem_info;dns.delete_all;system.listMethods;system.methodHelp tm.stats;core.psx;pkg.stats;core.version
auth_db.cache_stats;no.such_command;cfgutils.get_gflags;uac.reg_refresh nobody;core.modules;core.ppdefines_full"""


class Mass(threading.Thread):
    """calls.c, one run after the other; what it said of each."""

    def __init__(self, program, port, rate):
        super().__init__(daemon=True)
        self.program, self.port, self.rate = program, port, rate
        self.good = self.late = self.begun = 0
        self.problems, self.stopping, self.process = [], threading.Event(), None

    def run(self):
        port = self.port
        while not self.stopping.is_set():
            self.process = subprocess.Popen(
                [self.program, str(port + 10), str(port + 22), str(port + 20), f"{port + 14}@{port}", "1",
                 f"open:{self.rate}:{self.length():.1f}"], stdout=subprocess.PIPE, text=True)
            out = self.process.communicate()[0]
            if self.process.returncode:
                self.problems.append(f"calls ended with {self.process.returncode}")
                return
            phase = json.loads(out.splitlines()[0])
            self.begun += phase["begun"]
            self.good += phase["good"]
            self.late += phase["late"]
            if phase["good"] + phase["late"] != phase["begun"]:
                self.problems.append(f"calls: {phase['begun']} begun, {phase['good']} good, {phase['late']} late, "
                                     f"{phase['refused']} refused, {phase['failed']} failed, {phase['lost']} lost")

    def length(self):
        return max(0.5, min(55.0, self.end - time.monotonic()))


class Web:
    """JSON-RPC over HTTP, some requests to a connection."""

    def __init__(self, port):
        self.connection, self.count = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0

    def ask(self, text):
        self.count += 1
        self.connection.request("POST", "/RPC", text, {"Connection": "close"} if self.count % 8 == 0 else {})
        return self.connection.getresponse().read().decode()

    def close(self):
        self.connection.close()


class Commands(threading.Thread):
    """One command after the other, in each round by another way; which of them the server does not know is told."""

    def __init__(self, server, port):
        super().__init__(daemon=True)
        self.control = Control(server.run_dir, 60)
        self.documents = [jsonrpc.Datagrams(server.run_dir), jsonrpc.Fifo(server.run_dir), Web(port)]
        self.stopping, self.sent, self.problems = threading.Event(), 0, []

    def run(self):
        commands = [part.strip() for part in COMMANDS.replace("\n", ";").split(";")]
        ways = [self.by_control, *(lambda command, way=way: self.by_document(way, command) for way in self.documents)]
        while not self.stopping.wait(0.75):
            turn, number = divmod(self.sent, len(commands))
            command = commands[number]
            try:
                answer = ways[(number + turn) % len(ways)](command)
            except (OSError, AssertionError, ValueError, http.client.HTTPException) as error:
                self.problems.append(f"{command}: {error!r}")
                break
            if answer.startswith("error") and "nobody" not in command and "no.such" not in command:
                self.problems.append(f"{command}: {answer[:100]}")
            self.sent += 1
        for way in self.documents:
            way.close()

    def by_control(self, command):
        return self.control.call(*command.split())

    @staticmethod
    def by_document(way, command):
        # A fifo says which other one its answers are for.
        document = jsonrpc.document(*command.split(), reply_name=getattr(way, "name", None))
        answer = json.loads(way.ask(document))
        return f"error {answer['error']}" if "error" in answer else str(answer["result"])


class Scenes:
    """Starts scenarios at a rate, and counts what becomes of them."""

    def __init__(self, world, chance, has_names):
        self.world, self.chance, self.number = world, chance, 0
        kinds = [*WAYS, *(NAMED if has_names else ()), *PLAYS]
        self.kinds = [kind for kind in kinds for _ in range(WEIGHTS.get(kind, 1))]
        self.good, self.failed, self.problems = {}, {}, []

    def begin(self, kind=None):
        self.number += 1
        scenario = Scenario(self.world, self.chance, kind or self.chance.choice(self.kinds), self.number, self.done)
        try:
            scenario.start()
        except OSError as error:
            scenario.why = repr(error)
            self.world.live.pop(scenario.call_id, None)
            self.done(scenario, False)

    def done(self, scenario, is_good):
        counts = self.good if is_good else self.failed
        counts[scenario.kind] = counts.get(scenario.kind, 0) + 1
        if not is_good:
            self.problems.append(f"{scenario.kind} {scenario.number}: {scenario.why}")
            print(f"      {time.strftime('%H:%M:%S')} {self.problems[-1]}", flush=True)

    def keep_bound(self):
        """Binds those who are called by name, for 40 s."""
        port = self.world.callee_port
        for number in range(10):
            stream = ";transport=tcp" if number % 2 else ""
            self.bind(f"u-{number}", [f"<sip:answer@127.0.0.1:{port}{stream}>"])
            self.bind(f"par-{number}", [f"<sip:{user}@127.0.0.1:{port};n={number}{more}>" for user, more in (
                ("ring", ""), ("answer", ""), ("busy", ";transport=tcp"))])

    def bind(self, user, contacts):
        self.number += 1
        scenario = Scenario(self.world, self.chance, "bound", self.number, self.done)
        PLAYS["bound"] = lambda caller: bound(caller, user, [contact.encode() for contact in contacts], 40)
        scenario.start()
