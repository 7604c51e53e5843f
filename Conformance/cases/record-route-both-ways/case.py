from harness.flows import establish, hang_up, within_dialog


def run(t):
    kinds = [("udp", 4), ("tcp", 4), ("udp", 6), ("tcp", 6)]
    phones = [t.phone(f"{transport}{family}", transport, family) for transport, family in kinds]
    for caller in phones:
        for callee in phones:
            if caller is callee:
                continue
            caller.note(f"to {callee.name}")
            callee.note(f"from {caller.name}")
            call = establish(t, caller, callee, invite=caller.invite(callee.contact))
            routes = call.received.all("Record-Route")
            t.equal(len(routes), 2, "Record-Routes")
            t.check(all(";r2=on" in route for route in routes), "r2")
            within_dialog(t, call.caller, callee, "INFO")
            within_dialog(t, call.callee, caller, "INFO")
            hang_up(t, call.callee, caller)
