def run(t):
    bob = t.phone("bob")
    control = t.control()
    control.begin("tm.t_uac_wait", "OPTIONS", bob.contact, ".", ".",
                  "From: <sip:me@own.example>\r\nTo: <sip:you@own.example>\r\n")
    if bob.wait(lambda: bob.inbox, 0.3):
        bob.reply(bob.receive(), 200, "Fine")
    bob.note(f"waited -> {control.answer()}")
