"""Which user of the server a list means by its requester: a number, a name or an e-mail address."""

from collections.abc import Callable, Collection, Sequence

from list_sync.model.names import find_near
from list_sync.model.users import ServerUser, find_account

MOST_SHOWN = 10

Names = Callable[[ServerUser], Collection[str]]
# In this order, because a display name or an address can be another user's user name.
_KINDS: tuple[Names, ...] = (
    lambda user: user.user_names,
    lambda user: (user.name,),
    lambda user: (user.email,) if user.email else (),
)


def is_number(stated: str) -> bool:
    """Return whether a requester is stated by number; a user whose name is digits alone is found by number, too."""
    return stated.isascii() and stated.isdigit() and len(stated) < 16


def find_requester(stated: str, users: Sequence[ServerUser]) -> tuple[int | None, str]:
    """Return the number of the user that is meant; without one, say why, with the names that are close."""
    if is_number(stated):
        is_there = any(user.user_id == int(stated) for user in users)
        return (int(stated), "") if is_there else (None, f"the server has no user {stated}; {_all_of(users)}")
    if account := find_account(stated):
        return _find_owner(*account, users)
    found = find_named(stated, users)
    if len(found) == 1:
        return found[0].user_id, ""
    if found:
        both = " and ".join(f"{user.name} ({user.user_id})" for user in found)
        return None, f"{shown(stated)} is ambiguous, it can be {both}: state the number"
    return None, f"the server has no user {shown(stated)}; {_near(stated, users)}"


def find_named(stated: str, users: Sequence[ServerUser]) -> list[ServerUser]:
    """Return the users that a name or an e-mail address can mean."""
    return next((found for names in _KINDS if (found := _with_name(stated, users, names))), [])


def _find_owner(provider: str, number: str, name: str, users: Sequence[ServerUser]) -> tuple[int | None, str]:
    """Return the user who has an account at Plex or Jellyfin, or else the one without an account there and its name."""
    own = [user for user in users if _is_of(provider, number, user)]
    free = [user for user in users if not _has_account(provider, user)]
    found = own or [user for user in free if name in user.user_names or name == user.name]
    if len(found) == 1:
        return found[0].user_id, ""
    source = provider.capitalize()
    if found:
        both = " and ".join(f"{user.name} ({user.user_id})" for user in found)
        return None, f"{name} of {source} can be {both}: link the account to one of them on the server"
    return None, f"the server has no user for {name} of {source}: import this user of {source} on the server"


def _is_of(provider: str, number: str, user: ServerUser) -> bool:
    # Jellyfin writes its numbers with dashes or without.
    return number == (str(user.plex_id) if provider == "plex" else user.jellyfin_id.replace("-", "").lower())


def _has_account(provider: str, user: ServerUser) -> bool:
    return bool(user.plex_id if provider == "plex" else user.jellyfin_id)


def shown(stated: str) -> str:
    """Return a stated requester as messages show it: without an e-mail address."""
    return "with this e-mail address" if "@" in stated else f'"{stated}"'


def _with_name(stated: str, users: Sequence[ServerUser], names: Names) -> list[ServerUser]:
    """Return the users with exactly this name; if there are none, those with this name in other letters."""
    exact = [user for user in users if stated in names(user)]
    folded = stated.casefold()
    return exact or [user for user in users if folded in {name.casefold() for name in names(user)}]


def _near(stated: str, users: Sequence[ServerUser]) -> str:
    if "@" in stated:
        hidden = not any(user.email for user in users)
        return "the owner of OVERSEERR_API_KEY may not see addresses" if hidden else "state the user name or the number"
    names = {name.casefold(): name for user in users for name in (user.name, *user.user_names) if "@" not in name}
    near = [names[name] for name in find_near(stated.casefold(), names)]
    return f"nearest: {', '.join(near)}" if near else _all_of(users)


def _all_of(users: Sequence[ServerUser]) -> str:
    listed = ", ".join(f"{user.name} ({user.user_id})" for user in users[:MOST_SHOWN])
    more = f" and {len(users) - MOST_SHOWN} more" if len(users) > MOST_SHOWN else ""
    return f"its users are {listed}{more}"
