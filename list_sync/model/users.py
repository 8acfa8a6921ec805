"""The users of the media-request server: their names, what they may request, and their quotas."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, Quality


class Permission(IntFlag):
    """The bits of a user's permissions that decide who may request what."""

    NONE = 0
    ADMIN = 2
    MANAGE_USERS = 8
    MANAGE_REQUESTS = 16
    REQUEST = 32
    REQUEST_4K = 1024
    REQUEST_4K_MOVIE = 2048
    REQUEST_4K_TV = 4096
    REQUEST_MOVIE = 262144
    REQUEST_TV = 524288


_ASKING = {
    (MediaType.MOVIE, Quality.HD): Permission.REQUEST | Permission.REQUEST_MOVIE,
    (MediaType.TV, Quality.HD): Permission.REQUEST | Permission.REQUEST_TV,
    (MediaType.MOVIE, Quality.UHD): Permission.REQUEST_4K | Permission.REQUEST_4K_MOVIE,
    (MediaType.TV, Quality.UHD): Permission.REQUEST_4K | Permission.REQUEST_4K_TV,
}


@dataclass(frozen=True, slots=True)
class ServerUser:
    """A user of the server; `created` is the date as the server writes it. Permissions are None if it hides them.

    `name` is what the server shows, `user_names` are those of the accounts: here, at Plex and at Jellyfin. The numbers
    of these accounts tell whose lists are whose. An e-mail address is never shown.
    """

    user_id: int
    name: str
    created: str = ""
    permissions: int | None = None
    user_names: tuple[str, ...] = field(default=(), compare=False)
    email: str = field(default="", repr=False, compare=False)
    plex_id: int | None = field(default=None, compare=False)
    jellyfin_id: str = field(default="", compare=False)

    def may_request(self, media_type: MediaType, quality: Quality) -> bool:
        """Return whether the server takes this user's requests for a kind of title; one fitting bit is enough."""
        if self.permissions is None:
            return True
        return bool(self.permissions & (Permission.ADMIN | _ASKING[media_type, quality]))

    def may_request_for_others(self) -> bool:
        """Return whether a request of this user may name another one as its requester."""
        needed = Permission.MANAGE_USERS | Permission.MANAGE_REQUESTS
        permissions = Permission.ADMIN if self.permissions is None else self.permissions
        return bool(permissions & Permission.ADMIN) or permissions & needed == needed


@dataclass(frozen=True, slots=True)
class UserQuota:
    """What a user may request of one kind of title in so many days; `remaining` is None where there is no limit."""

    limit: int | None = None
    days: int | None = None
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a source who has lists there: the number in ids of lists, the name, and the number of the account."""

    number: str
    name: str = field(repr=False)
    account: str


@dataclass(frozen=True, slots=True)
class People:
    """How a provider finds the people of a source, and the list of a person from that of its own user."""

    fetch: Callable[[Any], Sequence[Person]]
    list_of: Callable[[str, str], str]


def is_of_person(key: ListKey, of_each: ListKey) -> bool:
    """Return whether a list is that of one person, and the other the list of each person."""
    return key.provider == of_each.provider and key.list_id.startswith(f"{of_each.list_id}@")


def is_stated(key: ListKey, stated: Collection[ListKey]) -> bool:
    """Return whether a list is among the stated ones, or is that of one person where such a list is stated."""
    return key in stated or any(is_of_person(key, one) for one in stated)


_ACCOUNT = re.compile(r"(jellyfin|plex) account ([A-Za-z0-9]+) of (.*)", re.DOTALL)


def name_account(provider: str, person: Person) -> str:
    """Return the account of a person as the requester of a list."""
    return f"{provider} account {person.account} of {person.name}"


def find_account(requester: str) -> tuple[str, str, str] | None:
    """Return the provider, the number and the name of such an account; None for any other requester."""
    found = _ACCOUNT.fullmatch(requester)
    return (found[1], found[2], found[3]) if found else None
