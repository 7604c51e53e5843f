INPUTS = ("abcab-c-def",
          "  Own Text  ", "", "-", "12ab34",
          "\"quoted\"",
          "<bracketed>", "a%20b%2B", "414243", "QUJD",
          "sip:user:pw@host.example:5070;x=y;transport=tcp?a=b&c=d", "sips:h.example", "tel:+1201",
          '"Display N" <sip:u@h.example;p=1>;tag=own-tag;x=2', "<sip:u@h.example>", "x=1;y=two;z", "a b;x=1", "z;;x=5", "x=1,y=2", "x = 1 ; z", "x=1;y=\"2", "x=\"a;b\";yy=3", "x")


def run(t):
    alice = t.phone("alice")
    for text in INPUTS:
        alice.note(repr(text))
        escaped = text.replace("%", "%25").replace(" ", "%20")
        alice.send(alice.request("MESSAGE", f"sip:a@127.0.0.1:{t.port}", headers=[("X-In", escaped)]))
        reply = alice.expect(200)
        t.check(len(reply.headers) > 50, "all results")
        if text == "abcab-c-def":
            t.check(any(value == "s.len = [11]" for _, value in reply.headers), "s.len")
