"""Tables of odd input: each row is sent alone, and what comes back is recorded under its label."""

from .build import SLOWNESS


def table(t, phone, rows):
    """Sends each row over UDP. A row is (label, message or bytes, wanted): a status, a tuple of them, None for
    silence, or `either(…)`. The server must answer a good request after each. All rows are judged, then it fails."""
    problems = []
    for label, data, wanted in rows:
        phone.note(label)
        phone.send(data)
        phone.fence()
        problems += judge(t, phone, label, wanted)
    report(t, problems)


class either:
    """Any of these will do: the servers differ, and both ways are right."""

    def __init__(self, *ways):
        self.ways = ways


def judge(t, phone, label, wanted):
    """What is wrong with what the phone got, as a list of texts."""
    got = tuple(message.status if message.status else message.method for message in phone.inbox)
    phone.inbox.clear()
    ways = wanted.ways if isinstance(wanted, either) else (wanted,)
    ways = [() if way is None else way if isinstance(way, tuple) else (way,) for way in ways]
    t.checks += 1
    if got in ways:
        return []
    return [f"{label}: wanted {' or '.join(str(way or 'silence') for way in ways)}, got {got or 'silence'}"]


def report(t, problems):
    t.check(not problems, "\n     ".join(problems))


def stream_table(t, phone, rows, patience=0.6):
    """Sends each row on a TCP connection of its own, then a good OPTIONS on the same connection. `wanted` is a pair:
    the statuses, and what becomes of the connection: "open" (the OPTIONS was answered), "closed", or "waiting" (the
    server takes the OPTIONS for the rest of the message). All rows are judged, then it fails."""
    problems = []
    for label, data, (wanted, wanted_fate) in rows:
        phone.note(label)
        connection = phone.connect()
        fence = f"fence-{t.slug}-{t.next_number()}"
        try:
            phone.send(data, over=connection)
            connection.sock.sendall(t.fence_request(phone, fence, t.next_number()))
        except ConnectionError:
            pass
        phone.wait(lambda: fence in phone.fences or connection.is_closed, patience * SLOWNESS)
        fate = "open" if fence in phone.fences else "closed" if connection.is_closed else "waiting"
        phone.note(f"connection {fate}")
        problems += judge(t, phone, label, wanted)
        t.checks += 1
        fates = wanted_fate.ways if isinstance(wanted_fate, either) else (wanted_fate,)
        if fate not in fates:
            problems.append(f"{label}: connection wanted {' or '.join(fates)}, is {fate}")
        connection.sock.close()
        phone.connections.remove(connection)
    report(t, problems)
