"""Parsing of addresses that people copy from a browser, for all providers."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from list_sync.errors import InvalidListId

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?", re.IGNORECASE)


def find_path(text: str, *, site: str) -> tuple[str, ...] | None:
    """Return the decoded parts of the path of an address on `site` or a subdomain; None if the text is no address.

    The scheme may be missing. Query and fragment are dropped. Raise InvalidListId for an address of another site.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme is None and not (_HOST.fullmatch(host) and _is_on(host, site)):
        if "://" in text:
            raise InvalidListId("only http:// and https:// addresses can be read")
        return None
    if not _is_on(host, site):
        raise InvalidListId(f"an address of another site, not of {site}")
    return split_path(rest)[1:]


def find_parts(list_id: str, *, site: str, prefix: str) -> tuple[str, ...]:
    """Return the decoded parts of an address on `site`, or of another text; nothing for an address of another site.

    The text may begin with `prefix` and a colon.
    """
    text = re.sub(rf"^(?:{prefix}):(?!//)", "", list_id.strip(), flags=re.IGNORECASE)
    try:
        path = find_path(text, site=site)
    except InvalidListId:
        return ()
    return split_path(text) if path is None else path


def _is_on(host: str, site: str) -> bool:
    name = host.rpartition("@")[2].partition(":")[0].lower()
    return name == site or name.endswith(f".{site}")


def split_path(text: str) -> tuple[str, ...]:
    """Return the decoded parts of a path, without query and fragment; empty parts are dropped."""
    parts = (unquote(piece).strip() for piece in re.split(r"[?#]", text, maxsplit=1)[0].split("/"))
    return tuple(part for part in parts if part)


def find_number(text: str) -> int | None:
    """Return the number at the beginning of a part of an address, as in `8219-best-of-1994`, or None."""
    found = re.fullmatch(r"([1-9][0-9]{0,9})(?:-.*)?", text, re.ASCII | re.DOTALL)
    return int(found.group(1)) if found else None


def first_spelling(list_id: str, parse: Callable[[str], object], spellings: Iterable[str]) -> str:
    """Return the first spelling that `parse` understands as the same list as `list_id`, or `list_id` itself."""
    target = parse(list_id)
    return next((one for one in spellings if holds_for(one, lambda text: parse(text) == target)), list_id.strip())


def holds_for(text: str, test: Callable[[str], bool]) -> bool:
    """Return whether a test of a list's spelling holds; it fails for a text that is no spelling."""
    try:
        return test(text)
    except InvalidListId:
        return False
