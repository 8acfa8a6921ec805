"""Finds who is meant in each household, and removes the person from the records of all of them."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from list_sync.database.store import Store
from list_sync.errors import ConfigError
from list_sync.model.households import HOME
from list_sync.model.persons import Identity
from list_sync.model.users import ServerUser
from list_sync.storage.persons import find_identity, forget_everywhere, forget_in_household, load_households
from list_sync.surveying.requesters import find_named, find_requester, is_number


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is known of a person in each household, and how many records of each kind are changed or deleted."""

    identities: Mapping[str, Identity]
    counts: Mapping[str, int]

    @property
    def names(self) -> Identity:
        """Return the names and accounts of the person, without a number."""
        return _join(self.identities.values(), number=None)


def forget_person(
    store: Store, stated: str, users: Mapping[str, Sequence[ServerUser]], *, numbers_count_in: str, is_trial: bool
) -> Forgotten:
    """Remove a person from the records in one transaction; a trial changes nothing.

    `users` are those of the servers that were asked, by household. A number means a user in one household only. Raise
    ConfigError if several users can be meant.
    """
    with store.writing() as connection:
        step = connection.begin_nested()
        servers = load_households(connection)
        know = partial(find_identity, connection)
        identities = _identify(stated, users, servers, numbers_count_in, know)
        counts = Counter[str]()
        for household, identity in identities.items():
            counts += forget_in_household(connection, household, servers.get(household), identity)
        # What belongs to no household is that of the service, which is part of `home`.
        of_home = identities.get(HOME, Identity())
        counts += forget_everywhere(connection, _join(identities.values(), number=of_home.number))
        step.rollback() if is_trial else step.commit()
    return Forgotten(identities, counts)


def _identify(
    stated: str,
    users: Mapping[str, Sequence[ServerUser]],
    servers: Mapping[str, int | None],
    numbers_count_in: str,
    know: Callable[[int | None, Identity], Identity],
) -> dict[str, Identity]:
    """Return what each household knows of the person, with the names that the others know."""
    found = {}
    for household in sorted({*servers, *users}):
        counts = not is_number(stated) or household == numbers_count_in
        first = _find_user(stated, users.get(household, ())) if counts else Identity()
        found[household] = know(servers.get(household), first)
    # The number of a user means another user elsewhere.
    return {name: _join(found.values(), number=one.number) for name, one in found.items()}


def _join(found: Collection[Identity], *, number: int | None) -> Identity:
    names = frozenset().union(*(one.names for one in found))
    return Identity(names, frozenset().union(*(one.accounts for one in found)), number)


def _find_user(stated: str, users: Sequence[ServerUser]) -> Identity:
    if is_number(stated):
        typed, found = Identity(number=int(stated)), [user for user in users if user.user_id == int(stated)]
    else:
        typed, found = Identity(frozenset({stated})), find_named(stated, users)
    if len(found) > 1:
        raise ConfigError(find_requester(stated, users)[1])
    return typed.joined(_read_user(found[0])) if found else typed


def _read_user(user: ServerUser) -> Identity:
    names = {user.name, *user.user_names, user.email} - {""}
    accounts = {str(user.plex_id or ""), user.jellyfin_id, user.jellyfin_id.replace("-", "")} - {""}
    return Identity(frozenset(names), frozenset(accounts), user.user_id)
