"""What the scripts of this folder share."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))


def compiled(name, folder, *flags):
    """What a C source of this folder is compiled to; ends the script where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        print("SKIPPED: no C compiler")
        sys.exit(0)
    made = f"{folder}/{name}"
    subprocess.run([compiler, "-O2", "-o", made, os.path.join(HERE, name + ".c"), *flags], check=True)
    return made


def load(program, *words):
    """What the load program says of one run."""
    run = subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(run.stdout)


def make_tables(apusctl, path):
    subprocess.run([apusctl, "db", "create", "--url", f"sqlite://{path}"], check=True, stdout=subprocess.DEVNULL)


def fill(path, count, first, last):
    """Adds bindings of user0 … that expire one after the other between two moments (seconds since 1970)."""
    def rows():
        for number in range(count):
            end = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(first + (last - first) * number // count))
            host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            yield (f"uloc-1-1-{number:x}", f"user{number}", f"sip:user{number}@{host}:5060", end,
                   f"{number}-8f1e2d3c4b5a@{host}", 1, "own-phone/1.0")
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA synchronous=off")
        file.executemany("INSERT INTO location (ruid, username, contact, expires, callid, cseq, user_agent) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?)", rows())
    file.close()


def memory(pid):
    """Kilobytes of a process in memory."""
    with open(f"/proc/{pid}/status") as text:
        return next(int(line.split()[1]) for line in text if line.startswith("VmRSS:"))
