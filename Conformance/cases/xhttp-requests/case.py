from harness.http import HTTPClient

VARIANTS = ("tcp",)


def run(t):
    alice = t.phone("alice")

    def note(text):
        for line in text.split("\n"):
            alice.note(line)

    client = HTTPClient(t)
    for method, path, headers, body, version in (
        ("GET", "/seen", ("X-Own: one",), "", "HTTP/1.1"),
        ("POST", "/seen/a?b=c%20d", ("Content-Type: a/b", "X-Own: two"), "hello\r\nworld", "HTTP/1.1"),
        ("PUT", "/seen", ("Via: 1.1 proxy.example",), "x", "HTTP/1.1"),
        ("GET", "/url/a/b?c=d&e=f", (), "", "HTTP/1.1"),
        ("DELETE", "/header", (), "", "HTTP/1.1"),
        ("GET", "/empty", (), "", "HTTP/1.1"),
        ("OPTIONS", "*", (), "", "HTTP/1.1"),
        ("GET", "/stateless", (), "", "HTTP/1.1"),
        ("GET", "/bad", (), "", "HTTP/1.1"),
        ("GET", "/old", ("Connection: keep-alive",), "", "HTTP/1.0"),
        ("HEAD", "/head", (), "", "HTTP/1.1"),
    ):
        # After HEAD 5.6.3 sends a body: it is the last one of its connection.
        note(f"{method} {path}\n{client.request(method, path, headers, body, version)}")
    client.close()

    client = HTTPClient(t)
    alice.note("one after the other")
    client.send("".join(HTTPClient.text("POST", f"/seen/{number}", (), "x" * number) for number in range(1, 4)))
    for _ in range(3):
        note(client.answer())
    client.send("\r\n" + HTTPClient.text("GET", "/seen/4"))
    note(client.answer())
    note(client.request("GET", "/close"))
    alice.note(f"closed: {client.is_closed}")
    client.close()

    client = HTTPClient(t)
    alice.note("in pieces, and leave asked for")
    for piece in HTTPClient.text("GET", "/seen"):
        client.send(piece)
    note(client.answer())
    client.send("POST /seen HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    note(client.answer("HEAD").split("\n")[0])
    client.send("hello")
    note(client.answer())
    client.close()
