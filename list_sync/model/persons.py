"""What a person of the server is known by, and texts without the person."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

FORGOTTEN = "a forgotten user"
# The number of a user stands behind these words in the reasons that ListSync writes.
_NUMBER = "user "
# What one letter would match is mostly no name.
_SHORTEST = 2
# Names of titles, which may hold the same words.
_OF_TITLES = frozenset({"title", "original_title", "entry", "among", "considered"})
_SEPARATORS = re.compile(r"[/@:?=&\s]+")


@dataclass(frozen=True)
class Identity:
    """The names and e-mail addresses of a person, the numbers of the accounts, and the number at one server."""

    names: frozenset[str] = field(default=frozenset(), repr=False)
    accounts: frozenset[str] = field(default=frozenset(), repr=False)
    number: int | None = None

    def joined(self, other: "Identity") -> "Identity":
        """Return both together; the number stays that of this one if it has any."""
        number = other.number if self.number is None else self.number
        return Identity(self.names | other.names, self.accounts | other.accounts, number)

    def has_name(self, text: str) -> bool:
        """Return whether a text is one of the names, in any letters."""
        return text.casefold() in self._folded

    def has_account(self, text: str) -> bool:
        """Return whether a text is the number of an account at Plex or Jellyfin, which may have dashes."""
        return bool(text) and text.replace("-", "").casefold() in self._folded_accounts

    def has_list(self, list_id: str) -> bool:
        """Return whether a list is one of the person's accounts, by a name in its id or the number after its `@`."""
        owner = list_id.rpartition("@")[2] if "@" in list_id else ""
        return self.has_account(owner) or any(map(self.has_name, _SEPARATORS.split(list_id)))

    def find_in(self, text: str) -> bool:
        """Return whether a text names the person."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        """Return a text with other words in the place of the person's names and number."""
        return text if self._pattern is None else self._pattern.sub(self._replace, text)

    def without_in(self, value: object) -> object:
        """Return a value of JSON in which no text names the person; names of titles stay."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, Mapping):
            return {self.without(key): one if key in _OF_TITLES else self.without_in(one) for key, one in value.items()}
        return [self.without_in(one) for one in value] if isinstance(value, list | tuple) else value

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(name.casefold() for name in self.names)

    @cached_property
    def _folded_accounts(self) -> frozenset[str]:
        return frozenset(account.replace("-", "").casefold() for account in self.accounts)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        # Longer ones first: an e-mail address may begin with the name.
        names = sorted(filter(is_distinct, self.names | self.accounts), key=len, reverse=True)
        choices = [f"(?P<name>{'|'.join(map(_bounded, names))})"] if names else []
        if self.number is not None:
            choices.append(rf"\b{_NUMBER}{self.number}\b(?: \([^()]*\))?")
        return re.compile("|".join(choices), re.IGNORECASE) if choices else None

    def _replace(self, found: re.Match[str]) -> str:
        # The words before the number tell what a title waits for.
        return FORGOTTEN if "name" in found.re.groupindex and found["name"] else f"{_NUMBER}(forgotten)"


def is_distinct(name: str) -> bool:
    """Return whether a name can be found in a text: one letter or a number alone is in many of them."""
    return not name.isdigit() and (len(name) >= _SHORTEST or (name != "" and _is_word_alone(name)))


def _bounded(name: str) -> str:
    before = "" if _is_word_alone(name[0]) else r"(?<!\w)"
    after = "" if _is_word_alone(name[-1]) else r"(?!\w)"
    return f"{before}{re.escape(name)}{after}"


def _is_word_alone(character: str) -> bool:
    """Return whether a script has no spaces between words, as Chinese and Japanese."""
    return unicodedata.category(character) == "Lo"
