"""Passwords: kept as scrypt hashes, compared in constant time."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from list_sync.config.web import SHORT_PASSWORD

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What a hash costs: 2 to the power of `log_n` blocks of `r` times 128 bytes, `p` times."""

    log_n: int
    r: int
    p: int


# 32 MB and about a quarter of a second: one of the costs that OWASP gives.
COST = Cost(log_n=15, r=8, p=3)
# A hash in a restored database could ask for all the memory of the machine.
_MOST_BYTES = 64 * 1024 * 1024
_MOST_ROUNDS = 16


def find_fault(password: str, again: str) -> str:
    """Return why a text cannot become the password, "" if it can."""
    if password != again:
        return "The two passwords differ."
    if len(password) < SHORT_PASSWORD:
        return f"A password has at least {SHORT_PASSWORD} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    return ""


def hash_password(password: str) -> str:
    """Return the hash of a password, with what is needed to compare it."""
    salt = secrets.token_bytes(16)
    parts = (COST.log_n, COST.r, COST.p, _to_text(salt), _to_text(_derive(password, salt, COST)))
    return "$".join(("scrypt", *map(str, parts)))


def is_password(password: str, stored: str) -> bool:
    """Return whether a password is the one of a hash; a hash that is none fits no password."""
    try:
        name, log_n, r, p, salt, digest = stored.split("$")
        cost = Cost(int(log_n), int(r), int(p))
        wanted, grain = _to_bytes(digest), _to_bytes(salt)
    except ValueError:
        return False
    is_sane = name == "scrypt" and 1 <= cost.log_n <= 20 and 1 <= cost.r <= 32 and 1 <= cost.p <= _MOST_ROUNDS
    if not is_sane or _memory_of(cost) > _MOST_BYTES or len(password) > LONGEST:
        return False
    return hmac.compare_digest(_derive(password, grain, cost), wanted)


def is_same(text: str, other: str) -> bool:
    """Return whether two texts are the same password, in a time that tells nothing of the difference."""
    return hmac.compare_digest(hashlib.sha256(_plain(text)).digest(), hashlib.sha256(_plain(other)).digest())


def _derive(password: str, salt: bytes, cost: Cost) -> bytes:
    most = _memory_of(cost) + 1024 * 1024
    return hashlib.scrypt(_plain(password), salt=salt, n=1 << cost.log_n, r=cost.r, p=cost.p, maxmem=most, dklen=32)


def _memory_of(cost: Cost) -> int:
    return 128 * cost.r * ((1 << cost.log_n) + cost.p)


def _plain(password: str) -> bytes:
    """Return the bytes of a password: keyboards write the same letter in several ways.

    Sorting the marks of a very long text takes minutes, and a log-in can send one.
    """
    if len(password) > LONGEST:
        return password.encode("utf-8", "surrogatepass")
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _to_text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode("ascii")


def _to_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii"))
