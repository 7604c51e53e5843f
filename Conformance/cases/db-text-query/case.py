import os

# Made before the servers start: they look for it then.
PATH = "/tmp/apus-conformance-text"
os.makedirs(PATH, exist_ok=True)
with open(PATH + "/version", "w") as file:
    file.write("table_name(string) table_version(int)\nx:1\n")
with open(PATH + "/x", "w") as file:
    file.write("id(int,auto) username(string) n(int,null) s(string,null)\n"
               "1:al\\:ice:5:a\n2:b\\\\ob::\n3:carol:7:c c\n")


def run(t):
    alice = t.phone("alice")
    alice.send(alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}"))
    alice.expect(200)
