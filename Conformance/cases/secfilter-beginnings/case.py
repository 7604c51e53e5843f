from harness.secfilter import make_lists

make_lists("secfilter-beginnings")


def run(t):
    alice = t.phone("alice")

    def ask(expected=True, **fields):
        request = alice.request("MESSAGE", f"sip:own@127.0.0.1:{t.port}")
        for name, value in fields.items():
            request.set(name.replace("_", "-"), value)
        alice.send(request)
        if expected:
            alice.expect(200)
        else:
            alice.expect_silence()

    for number in ("555123", "5551234", "555", "1555123"):
        ask(X_Text=number)
    ask(X_All="1")
    ask(X_All="1", User_Agent="a=b;c#(d)")
    for product in ("a'b", 'a"b', "a--b", "a%27b"):
        ask(X_All="1", User_Agent=product, expected=False)
    ask(X_All="1", From="<sip:a'b@c>;tag=own", expected=False)
    ask(X_All="1", To="\"a'b\" <sip:a@c>", expected=False)
    ask(X_All="1", Contact="<sip:a'b@c>", expected=False)
