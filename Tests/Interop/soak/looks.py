"""What the server holds and says, for run-features."""
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Conformance"))

from harness.control import Control  # noqa: E402

BAD = ("ERROR", "CRITICAL", "ALERT", "rror: ")
# Of malformed messages, and of requests that they made of others.
EXPECTED = ("bad message", "has no usable", "stateless error reply used: Unresolvable destination", "closed: badLength",
            "closed: notText", "closed: missingLength", "Route entry cannot be parsed", "closed: tooLong",
            "there is no command 'no.such_command'")
ERROR_OF_RELOAD = re.compile(r"ERROR: ( *\|| *\d+ \||\d+ errors?, |configuration not reloaded|[^ ]*:\d+:\d+: )")


def pairs(answer):
    """Numbers of an answer by the name in front of them."""
    words = answer.split()
    return {name: int(text) for name, text in zip(words, words[1:]) if text.isdigit()}


class Looks:
    """What the server holds, from its process and its control socket."""

    def __init__(self, server):
        self.server, self.pid = server, server.process.pid
        self.control = Control(server.run_dir, 60)
        self.begun, self.cpu = time.monotonic(), self.processor()

    def processor(self):
        """Seconds of processor time of the server; its own and its generators'."""
        with open(f"/proc/{self.pid}/stat") as text:
            words = text.read().rpartition(")")[2].split()
        own = os.times()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"), sum(own[:4])

    def statistic(self, name):
        return int(self.control.call("stats.get_statistics", name).rpartition("=")[2].strip() or 0)

    def status(self):
        with open(f"/proc/{self.pid}/status") as text:
            return dict(line.split(":", 1) for line in text if ":" in line)

    def memory(self):
        """KiB in memory."""
        return int(self.status()["VmRSS"].split()[0])

    def now(self):
        lines = self.status()
        return {
            "rss": int(lines["VmRSS"].split()[0]), "threads": int(lines["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{self.pid}/fd")),
            "transactions": pairs(self.control.call("tm.stats"))["current"],
            "suspended": pairs(self.control.call("apus.suspended"))["count"],
            "connections": pairs(self.control.call("core.tcp_info"))["opened_connections"],
            "contacts": self.statistic("location_contacts"),
            "calls": sum(pairs(self.control.call("dlgs.stats")).values()),
            "items": self.control.call("htable.dump", "seen").split().count("name")}

    def share(self):
        """Processor time since the last look, server and generators, in percent of one processor."""
        now, cpu = time.monotonic(), self.processor()
        took, used = now - self.begun, [100 * (b - a) for a, b in zip(self.cpu, cpu)]
        self.begun, self.cpu = now, cpu
        return [part / took for part in used]


def is_over(held):
    return not (held["transactions"] or held["suspended"] or held["connections"] or held["contacts"] or held["calls"]
                or held["items"])


class Log:
    """The output of the server: lines of errors are kept, the file is not let grow."""

    def __init__(self, path):
        self.path, self.at, self.errors, self.count = path, 0, [], 0

    def read(self):
        with open(self.path, errors="replace") as text:
            text.seek(self.at)
            for line in text:
                # What the reloads of a broken file say is looked at by those who ask for them.
                if "error" in line and "no_such_function" in line or ERROR_OF_RELOAD.search(line):
                    continue
                if any(word in line for word in BAD) and not any(word in line for word in EXPECTED):
                    self.count += 1
                    if len(self.errors) < 200:
                        self.errors.append(line.lstrip("\0").strip()[:200])
                        print(f"      {self.errors[-1]}", flush=True)
            self.at = text.tell()
        if self.at > 1 << 24:
            os.truncate(self.path, 0)
