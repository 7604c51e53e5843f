import os
import re

from harness.jsonrpc import Datagrams, document


def run(t):
    alice = t.phone("alice")
    client = Datagrams(os.path.dirname(t.server.output_path))
    t.controls.append(client)

    def ask(method, *params, **members):
        answer = client.ask(document(method, *params, **members))
        # Which slot a key is in is the hash's affair.
        answer = re.sub(r'"entry":\t\d+', '"entry":\t<n>', answer)
        alice.note(f"{method} -> {answer!r}")

    ask("core.prints", "x", "y")
    ask("core.prints")
    ask("cfg.seti", "core", "debug", 2)
    ask("cfg.seti", "core", "debug", 2, id=None)
    ask("no.such", id="own")
    ask("tm.stats")
    ask("mqueue.get_sizes")
    ask("htable.sets", "t", "key", "value")
    ask("htable.get", "t", "key")
    ask("htable.dump", "t")
    ask("htable.listTables")
