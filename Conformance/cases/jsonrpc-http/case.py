import json

from harness.http import HTTPClient

VARIANTS = ("tcp",)


def run(t):
    alice = t.phone("alice")
    client = HTTPClient(t)

    def ask(body, method="POST", path="/RPC"):
        alice.note(f"{method} {path} {body}")
        for line in client.request(method, path, (), body).split("\n"):
            alice.note(line)

    for method, *parameters in (
        ("core.echo", "a", "b c"), ("pv.shvGet", "own"), ("pv.shvGet", "nosuch"), ("no.such",), ("stats.fetch",),
    ):
        ask(json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters, "id": 7}))
    ask('{"jsonrpc":"2.0","method":"core.echo","params":["a"]}')
    ask('{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":"text"}', path="/RPC/of?whom")
    ask('[{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":7}]')
    ask('{"jsonrpc":"2.0","meth')
    ask("")
    ask("", "GET", "/other")
    client.close()
