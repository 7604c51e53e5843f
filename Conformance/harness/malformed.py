"""Tables of odd input: each row is sent alone, and what comes back is recorded under its label."""


def table(t, phone, rows):
    """Sends each row over UDP. A row is (label, message or bytes, wanted): a status, a tuple of them, or None for
    silence. The server must answer a good request after each."""
    for label, data, wanted in rows:
        phone.note(label)
        phone.send(data)
        phone.fence()
        judge(t, phone, label, wanted)


def judge(t, phone, label, wanted):
    got = tuple(message.status if message.status else message.method for message in phone.inbox)
    phone.inbox.clear()
    wanted = () if wanted is None else wanted if isinstance(wanted, tuple) else (wanted,)
    t.check(got == wanted, f"{label}: wanted {wanted or 'silence'}, got {got or 'silence'}")


def stream_table(t, phone, rows, patience=0.6):
    """Sends each row on a TCP connection of its own, then a good OPTIONS on the same connection. `wanted` is a pair:
    the statuses, and what becomes of the connection: "open" (the OPTIONS was answered), "closed", or "waiting" (the
    server takes the OPTIONS for the rest of the message)."""
    for label, data, (wanted, wanted_fate) in rows:
        phone.note(label)
        connection = phone.connect()
        fence = f"fence-{t.slug}-{t.next_number()}"
        try:
            phone.send(data, over=connection)
            connection.sock.sendall(t.fence_request(phone, fence, t.next_number()))
        except ConnectionError:
            pass
        phone.wait(lambda: fence in phone.fences or connection.is_closed, patience)
        fate = "open" if fence in phone.fences else "closed" if connection.is_closed else "waiting"
        phone.note(f"connection {fate}")
        judge(t, phone, label, wanted)
        t.check(fate == wanted_fate, f"{label}: connection wanted {wanted_fate}, is {fate}")
        connection.sock.close()
        phone.connections.remove(connection)
