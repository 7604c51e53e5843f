"""Answers to digest challenges (RFC 7616), right or with one thing wrong."""
import hashlib
import re

ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


def challenge(message):
    """The parameters of the challenge in a 401 or 407."""
    value = message.get("WWW-Authenticate") or message["Proxy-Authenticate"]
    found = {}
    for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', value):
        found[name.lower()] = quoted or plain
    return found


def digest(algorithm, *parts):
    return hashlib.new(ALGORITHMS[algorithm], ":".join(parts).encode()).hexdigest()


def answer(offer, method, uri, *, user="alice", password="secret", nc=1, cnonce="own", qop="", body="",
           response=None, realm=None, nonce=None, algorithm=None, ha1=None, drop=(), extra=""):
    """The value of Authorization or Proxy-Authorization."""
    realm = offer["realm"] if realm is None else realm
    nonce = offer["nonce"] if nonce is None else nonce
    algorithm = algorithm or offer.get("algorithm", "MD5")
    first = ha1 or digest(algorithm, user, realm, password)
    second = digest(algorithm, method, uri, digest(algorithm, body)) if qop == "auth-int" else digest(
        algorithm, method, uri)
    if qop:
        made = digest(algorithm, first, nonce, f"{nc:08x}", cnonce, qop, second)
    else:
        made = digest(algorithm, first, nonce, second)
    fields = [("username", f'"{user}"'), ("realm", f'"{realm}"'), ("nonce", f'"{nonce}"'), ("uri", f'"{uri}"')]
    if qop:
        fields += [("qop", qop), ("nc", f"{nc:08x}"), ("cnonce", f'"{cnonce}"')]
    fields.append(("response", f'"{response or made}"'))
    if "algorithm" in offer or algorithm != "MD5":
        fields.append(("algorithm", algorithm))
    return "Digest " + ", ".join(f"{name}={value}" for name, value in fields if name not in drop) + extra
