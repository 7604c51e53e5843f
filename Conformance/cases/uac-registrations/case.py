import hashlib
import os

# Made before the servers start: they read it then.
PATH = "/tmp/apus-conformance-uacreg"
os.makedirs(PATH, exist_ok=True)
with open(PATH + "/version", "w") as file:
    file.write("id(int,auto) table_name(string) table_version(int)\n0:uacreg:5\n")
with open(PATH + "/uacreg", "w") as file:
    file.write(
        "id(int,auto) l_uuid(string) l_username(string) l_domain(string) r_username(string) r_domain(string) "
        "realm(string) auth_username(string) auth_password(string,null) auth_ha1(string,null) auth_proxy(string) expires(int) "
        "flags(int) reg_delay(int) contact_addr(string,null) socket(string,null)\n"
        "1:table1:luser1:ldom:ruser1:rdom:realm:auser1:secret::sip\\:127.0.0.1\\:9:600:1:0::\n"
        "2:table2:luser2:ldom:ruser2:rdom:realm:auser2::5ebe2294ecd0e0f08eab7690d2a6ee69:sip\\:127.0.0.1\\:9:600:1:5:"
        "127.0.0.9\\:5070:\n")

# Without auth_password and auth_ha1, which 5.6.3 shows to whoever may ask.
SHOWN = ("l_uuid", "l_username", "l_domain", "r_username", "r_domain", "realm", "auth_username", "auth_proxy", "expires",
         "flags", "reg_delay", "contact_addr")


def run(t):
    bob = t.phone("bob")
    control = t.control()

    def info(uuid):
        words = control.call("uac.reg_info", "l_uuid", uuid).split(" ")
        shown = [f"{name} {value}" for name, value in zip(words, words[1:]) if name in SHOWN]
        bob.note(f"{uuid}: {', '.join(shown)}" if shown else " ".join(words))

    # A server may answer commands before it has read the table.
    for _ in range(30):
        if not control.call("uac.reg_info", "l_uuid", "table2").startswith("error"):
            break
        bob.pump(0.1)
    info("table1")
    info("table2")
    bob.note(control.call("uac.reg_info", "l_uuid", "nobody"))
    bob.note(control.call("uac.reg_refresh", "nobody"))

    def register(uuid, password, ha1):
        proxy = f"sip:127.0.0.1:{bob.port}"
        added = control.call("uac.reg_add", uuid, "luser", "ldom", "ruser", "rdom", "realm", "auser", password, ha1, proxy,
                             600, 0, 0, ".", ".")
        bob.note(f"added: {added}")
        first = bob.expect("REGISTER")
        bob.reply(first, 401, "Prove it", headers=[("WWW-Authenticate", 'Digest realm="realm", nonce="own"')])
        second = bob.expect("REGISTER")
        value = second["Authorization"]
        secret = hashlib.md5(b"auser:realm:secret").hexdigest()
        uri = value.split('uri="')[1].split('"')[0]
        wanted = hashlib.md5(f"{secret}:own:{hashlib.md5(f'REGISTER:{uri}'.encode()).hexdigest()}".encode()).hexdigest()
        t.check(f'response="{wanted}"' in value, f"the digest: {value}")
        bob.reply(second, 200, "OK", headers=[("Contact", second["Contact"] + ";expires=600")])

    register("added1", "secret", ".")
    register("added2", ".", hashlib.md5(b"auser:realm:secret").hexdigest())
    info("added1")
    bob.send(bob.request("MESSAGE", f"sip:x@127.0.0.1:{t.port}"))
    bob.expect(200)
    bob.note("again: " + control.call(
        "uac.reg_add", "added1", "other", "ldom", "ruser", "rdom", "realm", "auser", "secret", ".", "sip:127.0.0.1:9",
        600, 1, 0, ".", "."))
    info("added1")
    bob.note(control.call("uac.reg_reload"))
    bob.note(control.call("uac.reg_remove", "added2"))
    info("added2")
