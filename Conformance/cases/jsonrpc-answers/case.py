import os
import re

from harness.jsonrpc import Datagrams, document


def run(t):
    alice = t.phone("alice")
    alice.register()
    client = Datagrams(os.path.dirname(t.server.output_path))
    t.controls.append(client)

    def tell(text):
        answer = client.ask(text)
        answer = re.sub(r'"(Expires|HashID|Last-Keepalive|Last-Modified|Size|Server-Id|KA-Roundtrip)":\d+', r'"\1":<n>', answer)
        alice.note(f"{text} -> {answer}")

    def ask(method, *params, **members):
        tell(document(method, *params, **members))

    # One value, a list, an object, nothing.
    ask("cfg.get", "core", "debug")
    ask("core.prints", "x")
    ask("core.prints", "x", "y z")
    ask("core.prints")
    ask("core.printi", 1, -3, 0)
    ask("cfg.seti", "core", "debug", 2)
    ask("tm.stats")
    ask("tm.list")
    ask("tm.clean")
    ask("stats.fetch", "rcv_requests_invite")
    ask("stats.get_statistics", "rcv_requests_invite")
    ask("stats.fetch", "no_such")
    ask("ul.lookup", "location", "nobody")
    ask("ul.flush")
    ask("ul.lookup", "location", "alice")
    ask("ul.dump", "brief")
    ask("mqueue.get_size", "q")
    ask("mqueue.get_sizes")
    ask("pv.shvGet", "number")
    ask("pv.shvSet", "number", "int", 6)

    # Parameters of all types, in lists and objects.
    ask("htable.sets", "t", "text", "value")
    ask("htable.sets", "t", "number", 7)
    ask("htable.seti", "t", "int", 5)
    ask("htable.seti", "t", "whole", 5.0)
    ask("htable.get", "t", "text")
    ask("htable.get", "t", "int")
    ask("htable.get", "t", "number")
    ask("htable.get", "t", "whole")
    ask("htable.sets", "t", "member", params={"a": "t", "z": "member", "b": "in order"})
    ask("htable.get", "t", "member")
    ask("htable.delete", "t", "text")
    ask("htable.delete", "t", "text")
    ask("core.echo", "a", 1, "b c")
    ask("jsonrpc.echo", "a", 1)
    ask("jsonrpc.echo", 2)
    tell('{"jsonrpc":"2.0","method":"core.prints","params":["\\u00e9\\n\\t\\"\\\\\\/ \\u20ac"],"id":1}')
    tell('{"jsonrpc":"2.0","method":"core.prints","id":1}')

    # Ids.
    for number in ("7", '"text \\" own"', "-5", "12345678901", '""', "1e2", "true"):
        tell(f'{{"jsonrpc":"2.0","method":"core.prints","params":["x"],"id":{number}}}')
    ask("core.prints", "x", id=None)
    ask("no.such", id=None)
    tell('{"id":3,"Params":["x"],"METHOD":"core.prints","JSONRPC":"2.0","id":4}')

    # Errors.
    ask("no.such")
    ask("")
    ask("htable.get", "t", "none")
    ask("htable.dump", "none")
    ask("cfg.get", "core", "none")
    ask("system.methodHelp", "none")
    ask("system.methodSignature", "core.version")
    ask("mqueue.fetch", "q")

    # What is no request.
    tell("[]")
    tell("[" + document("core.prints", "x") + "]")
    tell("5")
    tell("{}")
    tell('{"jsonrpc":"1.0","method":"core.prints","id":1}')
    tell('{"method":"core.prints","id":"own"}')
    tell('{"jsonrpc":"2.0","id":1}')
    tell(document("core.prints", "x") + " behind it")

    # What is no JSON.
    for text in ("garbage", '{"jsonrpc":"2.0",', '{"jsonrpc":"2.0","method":"core.prints","params":["x",],"id":1}', "{]"):
        t.check(client.is_silent(text), f"silence after {text}")
