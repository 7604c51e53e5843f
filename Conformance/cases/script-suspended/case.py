def ends(t, alice, user, status, reason):
    """An INVITE for `user` is answered 100, then with `status`."""
    invite = alice.invite(f"sip:{user}@{t.server_uri.split(':', 1)[1].split('@')[-1]}")
    alice.expect(100)
    final = alice.expect(status)
    t.equal(final.reason, reason, f"reason for {user}")
    alice.ack_failure(invite, final)


def run(t):
    alice, bob = t.phone("alice"), t.phone("bob")
    host = t.server_uri.split(":", 1)[1].split("@")[-1]

    alice.send(alice.request("MESSAGE", f"sip:relay@{host}", headers=[("X-Next", bob.contact)]))
    received = bob.expect("MESSAGE")
    t.equal(received["X-Before"], "1", "header field added before the wait")
    t.equal(received["X-After"], "kept", "header field added after it, with an avp from before")
    t.equal(received["X-Flag"], "5", "flag from before")
    bob.reply(received, 200, "OK")
    alice.expect(200)

    ends(t, alice, "block", 486, "Rest of the block")
    ends(t, alice, "nested", 480, "Rest of the route")
    ends(t, alice, "route", 488, "As in a failure route")
    ends(t, alice, "forgets", 500, "I'm terribly sorry, server error occurred (1/TM)")
    ends(t, alice, "waits", 408, "Request Timeout")
    ends(t, alice, "fails", 491, "From the failure route")

    alice.send(alice.request("MESSAGE", f"sip:long@{host}"))
    alice.expect(400)

    alice.note("a retransmission")
    invite = alice.invite(f"sip:route@{host}")
    trying = alice.expect(100)
    alice.send(invite)
    alice.expect_copies(trying, 2)
    alice.ack_failure(invite, alice.expect(488))

    alice.note("a CANCEL")
    invite = alice.invite(f"sip:waits@{host}")
    alice.expect(100)
    alice.cancel(invite)
    final = alice.expect(487)
    t.equal(final.reason, "Request canceled", "reason of the 487")
    t.equal(alice.expect(200).reason, "ok -- no more pending branches", "reason for the CANCEL")
    alice.ack_failure(invite, final)
    alice.expect_silence()
