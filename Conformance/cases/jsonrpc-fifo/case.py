import os

from harness.jsonrpc import Fifo, document


def run(t):
    alice = t.phone("alice")
    fifo = Fifo(os.path.dirname(t.server.output_path))
    t.controls.append(fifo)
    name = fifo.name

    def tell(text, end="}"):
        alice.note(f"{text!r} -> {fifo.ask(text, end)!r}".replace(name, "<fifo>"))

    def request(number, *params, reply_name=name):
        return document("core.prints", *params, reply_name=reply_name, id=number)

    tell(request(1, "x") + "\n")
    tell(request(2, "x"))
    tell(f'\n {{\n"jsonrpc": "2.0",\n"method": "core.prints",\n\n"params": ["x"], "reply_name": "{name}",\n"id": 3\n}}\n')
    tell(request(4, "x") + "\n" + request(5, "y") + "\n", end='"id":5}')
    tell(request(6, "x") + request(7, "y") + "\r\n", end='"id":7}')
    tell(request(8, '}{"]') + "\n")
    tell(document("no.such", reply_name=name, id=9) + "\n")
    tell(document("core.prints", "x", reply_name=name, id=None) + "\n")
    tell(document("htable.listTables", reply_name=name, id=10) + "\n")

    # Nothing for these; the one behind each is answered.
    elsewhere = os.path.join("/tmp", name + "-file")
    with open(elsewhere, "w", encoding="ascii") as file:
        file.write("kept")
    os.chmod(elsewhere, 0o666)
    try:
        for bad in ("../tmp/" + name, "/tmp/" + name, name + "/../" + name, name + "-none", name + "-file"):
            fifo.write(request(11, "x", reply_name=bad) + "\n")
            tell(request(12, "x") + "\n")
        with open(elsewhere, encoding="ascii") as file:
            t.equal(file.read(), "kept", "a file that is no fifo")
    finally:
        os.unlink(elsewhere)
    fifo.write(document("htable.sets", "t", "key", "value", id=13) + "\n")
    tell(document("htable.get", "t", "key", reply_name=name, id=14) + "\n")
    fifo.write('{"jsonrpc":"2.0",,"id":15}\n')
    tell(request(16, "x") + "\n")
