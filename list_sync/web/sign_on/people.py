"""Who may log in by single sign-on: what the issuer says of a person, against OIDC_ALLOWED and OIDC_READERS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from list_sync.config.sign_on import GROUP, SUBJECT
from list_sync.config.web import WebSettings
from list_sync.model.access import LoginKind
from list_sync.web.sign_on.refusals import Reason, SignOnRefused

Claims = Mapping[str, object]
LONGEST_SUBJECT = 255
_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Person:
    """What an issuer says of a person; `email` only if the issuer verified it, `stated` in any case."""

    subject: str
    email: str = ""
    stated: str = ""
    groups: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the name in the audit log: people can give themselves any other name at their issuer."""
        return self.email or f"subject {self.subject}"

    def require_kind(self, web: WebSettings) -> LoginKind:
        """Return as what the person may log in; raise SignOnRefused for not at all."""
        if self._is_among(web.oidc_allowed):
            return LoginKind.OIDC
        if self._is_among(web.oidc_readers):
            return LoginKind.OIDC_READER
        email = self.email or (
            f"{self.stated}, which the issuer did not verify" if self.stated else "no e-mail address"
        )
        who = f"the person with the subject {self.subject} ({email})"
        raise SignOnRefused(Reason.UNLISTED, f"{who} is neither in OIDC_ALLOWED nor in OIDC_READERS")

    def _is_among(self, people: Sequence[str]) -> bool:
        return any(map(self._is_meant, people))

    def _is_meant(self, entry: str) -> bool:
        if entry.startswith(GROUP):
            return entry.removeprefix(GROUP) in self.groups
        if entry.startswith(SUBJECT):
            return entry.removeprefix(SUBJECT) == self.subject
        if "@" in entry:
            return bool(self.email) and _fold(entry) == _fold(self.email)
        return entry == self.subject


def build_person(subject: str, documents: Sequence[Claims]) -> Person:
    """Return a person of the claims of the token, and of what the issuer says besides; both are of this subject."""
    stated = [email for one in documents if (email := _find_email(one))]
    # A word that it is verified counts only for the address beside it.
    verified = [email for one in documents if one.get("email_verified") is True and (email := _find_email(one))]
    groups = frozenset(group for one in documents for group in _find_groups(one))
    return Person(subject, next(iter(verified), ""), next(iter(stated), ""), groups)


def is_more_needed(claims: Claims, web: WebSettings) -> bool:
    """Return whether the token leaves out what decides, or the name; many issuers state it elsewhere alone."""
    entries = (*web.oidc_allowed, *web.oidc_readers)
    return "email" not in claims or ("groups" not in claims and any(one.startswith(GROUP) for one in entries))


def _find_email(claims: Claims) -> str:
    email = claims.get("email")
    is_one = isinstance(email, str) and "@" in email and email.isprintable() and len(email) <= _LONGEST_EMAIL
    return str(email) if is_one else ""


def _find_groups(claims: Claims) -> list[str]:
    groups = claims.get("groups")
    if isinstance(groups, str):
        return [groups]
    return [one for one in groups if isinstance(one, str)] if isinstance(groups, list) else []


def _fold(email: str) -> str:
    """Return an address without the case of its letters; other alphabets have letters that fold into Latin ones."""
    return email.lower() if email.isascii() else email
