"""Writes values as YAML in one line, such that the reader of lists.yaml finds exactly these values."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from list_sync.config.policy.documents import Plain, Unreadable, parse_document

_NUMBER = re.compile("[1-9][0-9]{0,14}", re.ASCII)


# The same keys stand in every entry of a long list, and each text is tried with the reader of YAML.
@lru_cache(maxsize=1_024)
def write_text(text: str, *, in_flow: bool = False) -> str:
    """Return a text as YAML that means this text; `in_flow`: between brackets or braces."""
    if _NUMBER.fullmatch(text):
        return text
    # What is plain after a comma may not be so after a key.
    probe = f"[{text}, {{{text}: {text}, a: {text}}}]" if in_flow else f"- {text}\n- a: {text}\n"
    meant = [text, {text: text, "a": text} if in_flow else {"a": text}]
    try:
        root, faults = parse_document(probe)
        is_plain = not faults and root is not None and root.plain() == meant
    except Unreadable:
        is_plain = False
    return text if is_plain and text[0] not in "'\"" else _quote(text)


def write_value(value: Plain, *, in_flow: bool = False) -> str:
    """Return any value in one line."""
    if isinstance(value, Mapping):
        pairs = (f"{write_text(key, in_flow=True)}: {write_value(one, in_flow=True)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(write_value(one, in_flow=True) for one in value)}]"
    return write_text(value, in_flow=in_flow)


def _quote(text: str) -> str:
    """Return a text in double quotes; what cannot be seen is written as its number."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[^\x20-\x7e]", lambda one: one[0] if one[0].isprintable() else f"\\U{ord(one[0]):08x}", quoted)
