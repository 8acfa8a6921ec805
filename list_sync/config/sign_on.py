"""The settings of single sign-on by OpenID Connect: what a value may be, and what must be set together."""

import re
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from list_sync.config.values import parse_url, shown

# The identity provider sends browsers back to this path; its whole address is registered there.
RETURN_PATH = "/login/oidc/callback"
GROUP, SUBJECT = "group:", "sub:"
_EXAMPLE = "https://auth.example.com"


def parse_issuer(text: str) -> str:
    """Return the address of an issuer exactly as it is written: one with a slash at its end is another issuer."""
    address = parse_url(text, example=_EXAMPLE)
    if "@" in urlsplit(address).netloc:
        raise ValueError(f"the address holds a name or a password; for example {_EXAMPLE}")
    return text


def parse_people(text: str) -> tuple[str, ...]:
    """Return the people of a comma-separated setting: e-mail addresses, subjects, and groups as `group:NAME`."""
    return tuple(dict.fromkeys(_parse_person(part.strip()) for part in text.split(",") if part.strip()))


def _parse_person(part: str) -> str:
    rest = part.removeprefix(GROUP).removeprefix(SUBJECT)
    if not rest.strip() or "*" in part or not part.isprintable():
        raise ValueError(f"{shown(part)} is no person; for example alice@example.com, a subject, or group:media")
    if re.match(r"(?i)(groups?|sub|subject|email|e-mail)\s*:", part) and not part.startswith((GROUP, SUBJECT)):
        raise ValueError(f"{shown(part)} is no person; write group:NAME, sub:SUBJECT or an e-mail address")
    return part


def require_parts_of_sign_on(issuer: str | None, info: ValidationInfo) -> str | None:
    """Refuse an issuer without what it is asked with."""
    # A value that is wrong is another problem, and not in the data.
    missing = [name.upper() for name in ("oidc_client_id", "web_base_url") if issuer and not info.data.get(name, True)]
    if missing:
        raise ValueError(
            f"single sign-on needs the name of ListSync at the issuer, and the address to which people come back: "
            f"set {' and '.join(missing)}"
        )
    return issuer


def require_other_log_in(has_password: bool, info: ValidationInfo) -> bool:
    """Refuse to switch the password off where there is no other log-in."""
    # An issuer or a header that is wrong is not in the data.
    others = ("oidc_issuer", "web_auth_header")
    if not has_password and all(name in info.data and not info.data[name] for name in others):
        raise ValueError("without the password there is no log-in for people: set OIDC_ISSUER, or leave it out")
    return has_password
