"""Shows addresses without their secrets."""

import hashlib
import re

# Secrets in an address: a log-in before the host, whose password may hold any character, and what follows ? or #.
_LOGIN = re.compile(r"(?<=://)(?:[^\s/?#]*|[^\s/@]*:(?!\d{1,5}[/?#])[^\s@]*)(?=@)")
_QUERY = re.compile(r"(?<=[?#&])([^=&#]*=)?[^&#]+")
# The same in what is no whole address; names of files may hold ? and #.
_PAIR = re.compile(r"((?:[?#&][^=&#\s]+|key|token|secret|password)=)[^&#]+", re.IGNORECASE)

# A part of a path that only a key looks like: the UUID of a feed; letters and digits without a word in them; and both
# cases, digits and dashes, where the address of a page has small letters.
_KEY_IN_PATH = re.compile(
    r"(?<=[^:/]/)(?:(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?=[^/.]*\d)(?=[^/.]*[A-Za-z])[A-Za-z0-9]{20,}"
    r"|(?=[^/.]*\d)(?=[^/.]*[a-z])(?=[^/.]*[A-Z])[\w-]{20,})(?=[/.]|$)"
)


def bare_address(url: str) -> str:
    """Return an address without its log-in, its query and its fragment."""
    scheme, mark, rest = re.split("[?#]", url, maxsplit=1)[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def mask_address(text: str) -> str:
    """Return an address, or the id of a list, without its log-in, any value of its query, and keys in its path."""
    if "://" not in text:
        return _PAIR.sub(r"\1***", text)
    address, mark, query = re.split(r"([?#]|$)", _LOGIN.sub("***", text), maxsplit=1)
    return _KEY_IN_PATH.sub(_mask_key, _PAIR.sub(r"\1***", address)) + _QUERY.sub(r"\1***", mark + query)


def _mask_key(found: re.Match[str]) -> str:
    """Return stars, and what tells two feeds of one host apart."""
    return f"***{hashlib.sha256(found[0].encode()).hexdigest()[:4]}"
