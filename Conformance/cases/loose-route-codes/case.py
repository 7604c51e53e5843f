def run(t):
    alice = t.phone("alice")
    here = f"127.0.0.1:{t.port}"
    me, other = f"<sip:{here};lr>", "<sip:192.0.2.9;lr>"
    for routes in (
            [], [me], [me, other], [f"{me}, {other}"], [other], [me, me], [other, me],
            [f"<sip:{here};r2=on;lr>", f"<sip:{here};transport=tcp;r2=on;lr>"],
            [f"<sip:{here};r2=on;lr>", f"<sip:{here};transport=tcp;r2=on;lr>", other],
            [f"<sip:{here};r2=on;lr>"], [f"<sip:{here};r2=on;lr>", other],
            [f"<sip:{here};r2=on;lr>", "<sip:127.0.0.1:23999;r2=on;lr>"],
            ["<sip:192.0.2.9>"], [me, "<sip:192.0.2.9>"], [f"<sip:{here}>"],
            [f"<sip:own@{here};lr;ftag=x>"], ["<sip:own.example;lr>"], [me, "<tel:+12015550123>"],
            ["<sip:127.0.0.1:23999;lr>"], [f"<sip:[::1]:{t.port};lr>"], [f"<sip:{here};transport=tcp;lr>"]):
        for target in (f"sip:bob@192.0.2.1", f"sip:{here};lr;ftag=y", f"sip:{here}"):
            for tag in (";tag=own-bob", ""):
                for method in ("INFO", "MESSAGE", "NOTIFY"):
                    alice.note(f"{method} {target} to '{tag}' via {routes}")
                    alice.send(alice.request(method, target, to=f"<sip:bob@192.0.2.1>{tag}", routes=routes))
                    alice.expect(200)
