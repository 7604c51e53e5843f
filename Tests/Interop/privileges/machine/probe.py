#!/usr/bin/env python3
"""What run-machine asks inside of its machine: the unit under a running systemd. Lines `ok NAME: …` and `FAIL NAME: …`."""
import os
import re
import socket
import subprocess
import sys
import time

CFG, UNIT, PORT = "/etc/apus/kamailio.cfg", "apus.service", 5060
TEXT = """listen=udp:127.0.0.1:5060
# An emulated processor is slow.
overload_control=no
loadmodule "ctl.so"
loadmodule "db_sqlite.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "db_url", "sqlite:///var/lib/apus/apus.db")
modparam("usrloc", "db_mode", 1)
modparam("tm", "max_transactions", BOUND)
modparam("tm", "fr_timer", 120000)
request_route {
    if (is_method("REGISTER")) { save("location"); exit; }
    if (is_method("OPTIONS")) { sl_send_reply("200", "WORD"); exit; }
    $du = "sip:127.0.0.1:5099";
    t_relay();
}
"""


class Failed(Exception):
    """A check that did not hold."""


def check(claim, text):
    if not claim:
        raise Failed(text)


def systemctl(*words, timeout=300):
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, timeout=timeout)


def shown(name):
    return systemctl("show", "-p", name, "--value", UNIT).stdout.strip()


def journal():
    return subprocess.run(["journalctl", "-u", "apus", "--no-pager", "-o", "cat"], capture_output=True, text=True).stdout


def soon(claim, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if claim():
            return True
        time.sleep(0.5)
    return False


class Phone:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", PORT))
        self.number = 0

    def text(self, method, user="", extra=""):
        self.number += 1
        uri = f"sip:{user + '@' if user else ''}127.0.0.1"
        return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.socket.getsockname()[1]};rport;"
                f"branch=z9hG4bK{os.getpid()}-{self.number}\r\nMax-Forwards: 70\r\nFrom: <sip:p@probe>;tag=1\r\n"
                f"To: <{uri}>\r\nCall-ID: {self.number}-{os.getpid()}\r\nCSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n").encode()

    def ask(self, method="OPTIONS", user="", extra="", patience=30):
        """The final reply to a request, repeated until it comes; empty when it does not."""
        data, end = self.text(method, user, extra), time.monotonic() + patience
        mark = re.search(rb"Call-ID: \S+", data)[0]
        while time.monotonic() < end:
            self.socket.settimeout(1)
            try:
                self.socket.send(data)
                while True:
                    reply = self.socket.recv(65536)
                    if mark in reply and not reply.startswith(b"SIP/2.0 1"):
                        return reply.decode()
            except OSError:
                time.sleep(0.2)
        return ""

    def register(self, user, contact="sip:x@192.0.2.1", wants=True):
        extra = f"Contact: <{contact}>\r\nExpires: 3600\r\n" if wants else ""
        return self.ask("REGISTER", user, extra)


def write(word, transactions="-1"):
    with open(CFG, "w") as out:
        out.write(TEXT.replace("WORD", word).replace("BOUND", transactions))


def limit(*lines):
    """What `systemctl edit` would write."""
    os.makedirs(f"/etc/systemd/system/{UNIT}.d", exist_ok=True)
    with open(f"/etc/systemd/system/{UNIT}.d/probe.conf", "w") as out:
        out.write("[Service]\n" + "\n".join(lines) + "\n")
    systemctl("daemon-reload")


def process(name):
    with open(f"/proc/{shown('MainPID')}/{name}") as text:
        return text.read()


def start(phone):
    """the unit starts as its user, without capabilities, behind a filter of system calls, and answers"""
    said = systemctl("start", UNIT)
    check(said.returncode == 0, f"{said.stderr} {journal()[-1500:]}")
    check("200 First" in phone.ask(), "no answer")
    status = process("status")
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        check(line in status, f"no {line!r} in {status}")
    check(not re.search(r"^Uid:\t0", status, re.M), "it is root")
    check("Listening on" in journal() or "udp: 127.0.0.1:5060" in journal(), "the journal has no log")


def sealed(phone):
    """it sees a file system that it cannot write, but for its own two folders"""
    mounts = process("mounts")
    check(re.search(r"^\S+ / \S+ ro[, ]", mounts, re.M), f"/ can be written: {mounts[:300]}")
    check(re.search(r"^\S+ /var/lib/apus \S+ rw", mounts, re.M), f"no folder of its own: {mounts}")
    check("200 OK" in phone.register("alice"), "a registration is not stored")
    check(oct(os.stat("/var/lib/apus").st_mode & 0o777) == "0o750", "others may look into its folder")


def score(_):
    """systemd says how exposed it is"""
    said = subprocess.run(["systemd-analyze", "security", "--no-pager", UNIT], capture_output=True, text=True).stdout
    found = re.search(r"exposure level for \S+ ([\d.]+)", said)
    check(found and float(found[1]) <= 1.5, f"exposure: {said[-200:]}")
    return found[1]


def reload(phone):
    """systemctl reload puts a changed file in force, and fails with a broken one"""
    write("Second")
    said = systemctl("reload", UNIT)
    check(said.returncode == 0, f"{said.stderr} {journal()[-800:]}")
    check("200 Second" in phone.ask(), "the old file is in force")
    with open(CFG, "a") as out:
        out.write("}")
    check(systemctl("reload", UNIT).returncode != 0, "a broken file was taken")
    check("200 Second" in phone.ask(), "no answer after a refused reload")
    write("Second")


def killed(phone):
    """killed, it is started again and knows its bindings"""
    before = shown("MainPID")
    os.kill(int(before), 9)
    check(soon(lambda: shown("MainPID") not in ("0", before)), f"not started again: {shown('Result')}")
    check("200 Second" in phone.ask(), "no answer")
    check("192.0.2.1" in phone.register("alice", wants=False), "a binding is gone")
    check(shown("NRestarts") == "1", f"restarts: {shown('NRestarts')}")


def memory(phone):
    """at MemoryMax the kernel ends it (control group v2); it is started again and knows what it acknowledged"""
    with open("/sys/fs/cgroup/cgroup.controllers") as text:
        check("memory" in text.read(), "no control groups of version 2")
    limit("MemoryMax=80M", "MemorySwapMax=0")
    write("Second", "0")
    check(systemctl("restart", UNIT).returncode == 0, "no restart")
    check(soon(lambda: "80 MiB of memory may be used (memory.max of its control group)" in journal()),
          f"the limit is not told: {journal()[-800:]}")
    check("200 OK" in phone.register("bob"), "no registration")
    flood, body = Phone(), b"x" * 30_000
    end = time.monotonic() + 300
    # The count is of restarts that systemd makes by itself.
    while time.monotonic() < end and shown("NRestarts") == "0":
        for number in range(100):
            try:
                # Calls that nobody answers, each kept as it came and as it left.
                call = flood.text("INVITE", f"m{flood.number}").replace(b"Content-Length: 0\r\n", b"Content-Length: 30000\r\n")
                flood.socket.send(call + body)
            except OSError:
                pass
            time.sleep(0.002)
    check(shown("NRestarts") != "0", f"it never ended; {shown('MemoryCurrent')} bytes")
    said = subprocess.run(["journalctl", "-u", "apus", "--no-pager", "-o", "cat"], capture_output=True, text=True).stdout
    check("oom-kill" in said or "OOM" in said, f"the journal does not say why: {said[-1500:]}")
    write("Second")
    limit("MemoryMax=infinity")
    check(soon(lambda: "200 Second" in phone.ask(patience=5)), "no answer after it")
    check("192.0.2.1" in phone.register("bob", wants=False), "a binding is gone")
    return " / ".join(line for line in said.splitlines() if "oom" in line.lower())[:200]


def calls(phone):
    """silent callees fill the table of transactions only as far as the memory allows"""
    limit("MemoryMax=48M", "MemorySwapMax=0")
    check(systemctl("restart", UNIT).returncode == 0, "no restart")
    check("200 Second" in phone.ask(), "no answer")
    flood, answered, refused = Phone(), 0, 0
    flood.socket.settimeout(0.05)
    # 3,072 there may be, and some more; each that is taken is told so by a 100.
    for number in range(12_000):
        flood.socket.send(flood.text("INVITE", f"c{number}"))
        try:
            while number - answered > 20:
                reply = flood.socket.recv(65536)
                answered += 1
                refused += reply.startswith(b"SIP/2.0 503")
        except TimeoutError:
            answered += 1
        if refused > 10:
            break
    check("200 Second" in phone.ask(), "no answer")
    check(shown("NRestarts") == "0", "it ended")
    check(refused > 0 and "max_transactions" in journal(), f"{refused} of {number} were refused")
    return f"{number} calls to nobody, until {refused} were refused, {int(shown('MemoryCurrent')) >> 20} MiB"


def stop(_):
    """systemctl stop ends it in order"""
    limit("MemoryMax=infinity")
    systemctl("restart", UNIT)
    begin = time.monotonic()
    check(systemctl("stop", UNIT).returncode == 0, "no stop")
    check(shown("Result") == "success" and shown("ExecMainStatus") == "0", f"{shown('Result')} {shown('ExecMainStatus')}")
    check(time.monotonic() - begin < 75, "it took as long as the limit")
    check(not os.path.exists("/run/apus"), "its folder of sockets is left")


def main():
    write("First")
    subprocess.run(["install", "-d", "-o", "apus", "-g", "apus", "-m", "750", "/var/lib/apus"], check=True)
    subprocess.run(["/usr/local/sbin/apusctl", "db", "create", "--url", "sqlite:///var/lib/apus/apus.db"], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run("chown -R apus:apus /var/lib/apus; chgrp apus /etc/apus/kamailio.cfg; systemctl daemon-reload",
                   shell=True, check=True)
    print(f"systemd: {subprocess.run(['systemctl', '--version'], capture_output=True, text=True).stdout.splitlines()[0]}; "
          f"{os.uname().release}; state {systemctl('is-system-running').stdout.strip()}", flush=True)
    phone = Phone()
    for part in (start, sealed, score, reload, killed, memory, calls, stop):
        begin = time.monotonic()
        try:
            detail = part(phone)
            print(f"ok    {part.__name__}: {part.__doc__}{': ' + detail if detail else ''} ({time.monotonic() - begin:.0f} s)", flush=True)
        except (Failed, OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"FAIL  {part.__name__}: {str(error) or type(error).__name__}".replace("\n", "\n      "), flush=True)
    print("the end", flush=True)


if __name__ == "__main__":
    sys.exit(main())
