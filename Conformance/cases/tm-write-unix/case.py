import os
import re
import socket

PATH = "/tmp/apus-conformance-tm-write-unix"


def run(t):
    alice = t.phone("alice")
    if os.path.exists(PATH):
        os.remove(PATH)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as program:
        program.bind(PATH)
        os.chmod(PATH, 0o777)
        program.settimeout(5)

        def send(method, **fields):
            body = fields.pop("body", "")
            request = alice.request(
                method, f"sip:bob@127.0.0.1:{t.port};a=b", body=body, content_type="text/plain",
                contact="<sip:c1@h1>, <sip:c2@h2>", to=fields.pop("to", "<sip:bob@own.test>"))
            for name, value in fields.items():
                request.add(name.replace("_", "-"), value)
            sent = alice.send(request)
            for _ in range(3):
                # The transaction's name is the server's own business, and blanks are.
                lines = program.recv(65536).decode().split("\n")
                lines[15] = re.sub(r"^\d+:\d+$", "<transaction>", lines[15])
                alice.note("\n".join(line.rstrip() or "(nothing)" for line in lines))
            reply = alice.expect(404)
            if method == "INVITE":
                alice.ack_failure(sent, reply)
            alice.fence()

        send("INVITE", body="v=0\r\n.\r\nend\r\n", Subject="s1", X_Own="own")
        send("MESSAGE", body="hello", Record_Route="<sip:r1;lr>, <sip:r2:5080;lr;x=1>", X_Changed="1",
             to="<sip:bob@own.test>;tag=own-there")
        send("INVITE", Record_Route="<sip:r1>, <sip:r2;lr>")
    os.remove(PATH)
