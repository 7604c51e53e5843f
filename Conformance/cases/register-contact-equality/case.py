def run(t):
    bob = t.phone("bob")
    forms = ("sip:bob@host.example:5070", "sip:bob@HOST.example:5070", "sip:BOB@host.example:5070",
             "sip:bob@host.example:5070;transport=udp", "sip:bob@host.example:5070;transport=UDP",
             "sip:%62ob@host.example:5070", "sips:bob@host.example:5070", "sip:bob@host.example")
    for cseq, uri in enumerate(forms, 1):
        bob.register(f"<{uri}>", cseq=cseq)
