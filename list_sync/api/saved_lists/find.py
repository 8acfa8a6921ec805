"""Finds the export of one list among the files of the drop folder by what the files state, never by a guess."""

import contextlib
import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from list_sync.api.saved_lists.drop_folder import Saved, find_saved, plain_name
from list_sync.api.saved_lists.entries import SERVICE
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import InvalidListId, NotOffered, Refused
from list_sync.footprint import take_turn
from list_sync.model.sources import Page

logger = logging.getLogger(__name__)

ROUTE = "export"
_NOTHING = re.compile(r"^")


class Fit(IntEnum):
    """How well a file fits a list: not at all, by a name without an owner, by name and owner, by its address."""

    NO = 0
    NAME_ONLY = 1
    NAME = 2
    ADDRESS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """One list, and how its export may be named.

    `names` are possible names of its file. `owner` may stand before or after them, and a part that matches `prefix`
    before them is ignored. `ids` identify the list anywhere in the file's name. `is_address` returns whether an address
    is that of the list; where that is not known, it returns None or raises InvalidListId. `is_anyones`: the owner is
    the person who saved the file, so that files of two users cannot be distinguished.
    """

    provider: str
    owner: str = ""
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    prefix: re.Pattern[str] = _NOTHING
    is_address: Callable[[str], bool | None] = lambda _: None
    advice: str = ""
    is_anyones: bool = False


def read_export(
    list_id: str, wanted_of: Callable[[str], Wanted], *, folder: Path | None, neighbours: Sequence[str] = ()
) -> Iterator[Page]:
    """Yield the one page of the list's export; raise NotOffered if there is none, Refused if it would be a guess.

    `wanted_of` returns how to recognise a list. `neighbours` are the other lists; those with a wrong spelling are left
    out.
    """
    wanted = wanted_of(list_id)
    others = []
    for neighbour in neighbours:
        with contextlib.suppress(InvalidListId):
            others.append(wanted_of(neighbour))
    take_turn()
    saved = choose(wanted, find_saved(folder), neighbours=others)
    page = parse_list(saved.load())
    note = f"{saved.label} of {saved.saved_at:%d %B %Y}"
    logger.info("%s: read from the export %s", wanted.provider, note)
    yield replace(page, route=ROUTE, note=note)


def choose(wanted: Wanted, files: Sequence[Saved], *, neighbours: Sequence[Wanted] = ()) -> Saved:
    """Return the file that holds the list; raise NotOffered if there is none, Refused if it is not clear which one."""
    fits = [(fit_of(wanted, saved), saved) for saved in files]
    best = max((fit for fit, _ in fits), default=Fit.NO)
    found = [saved for fit, saved in fits if fit is best]
    if best is Fit.NO:
        near = sum(saved.origin == wanted.provider for saved in files)
        seen = f", {near} other files of {wanted.provider} are there" if near else ""
        raise NotOffered(f"no export of this list in the drop folder{seen}: {wanted.advice}")
    owners = sorted({_owner_by_name(wanted, saved) for saved in found} - {""}) if wanted.is_anyones else []
    if len(owners) > 1:
        users = ", ".join(owners)
        raise Refused(SERVICE, f"there are exports of several users ({users}): write the user's name in place of me")
    rivals = [other for other in neighbours if _identity(other) != _identity(wanted)]
    if best is Fit.NAME_ONLY and any(fit_of(other, found[0]) is not Fit.NO for other in rivals):
        raise Refused(SERVICE, f'"{found[0].label}" does not state whose list it is: {wanted.advice}')
    newest = max(found, key=lambda saved: saved.saved_at)
    # Of two exports whose names have different dates, the newer one counts; anything else would be a guess.
    equals = [one for one in found if not (newest.is_dated and one.is_dated and one.saved_at < newest.saved_at)]
    other = next((one for one in equals if one is not newest and _digest(one) != _digest(newest)), None)
    if other is not None:
        raise Refused(SERVICE, f'"{newest.label}" and "{other.label}" may both be this list: keep one of them')
    return newest


def _identity(wanted: Wanted) -> tuple[object, ...]:
    # The same list may be configured in two spellings.
    return wanted.owner, wanted.names, wanted.ids


def _digest(saved: Saved) -> bytes:
    return hashlib.sha256(saved.load()).digest()


def fit_of(wanted: Wanted, saved: Saved) -> Fit:
    """Return how well a file fits a list."""
    if saved.origin not in (None, wanted.provider):
        return Fit.NO
    stated = [_is_address_of(wanted, address) for address in saved.addresses]
    if True in stated:
        return Fit.ADDRESS
    if False in stated:
        return Fit.NO
    if any(f"-{plain_name(one)}-" in f"-{saved.stem}-" for one in wanted.ids):
        return Fit.NAME
    if saved.origin is None and saved.folder != wanted.provider:
        return Fit.NO
    return _fit_of_name(wanted, saved)


def _is_address_of(wanted: Wanted, address: str) -> bool | None:
    try:
        return wanted.is_address(address)
    except InvalidListId:
        return None


def _fit_of_name(wanted: Wanted, saved: Saved) -> Fit:
    owner, names = plain_name(wanted.owner), {plain_name(name) for name in wanted.names}
    if wanted.is_anyones:
        owner = _owner_by_name(wanted, saved)
    stem = _stem_of(wanted, saved)
    owned = {f"{owner}-{name}" for name in names} | {f"{name}-{owner}" for name in names}
    if owner and stem in owned | {f"{owner}-list-{name}" for name in names}:
        return Fit.NAME
    if stem not in names:
        return Fit.NO
    if not saved.owner:
        return Fit.NAME_ONLY
    return Fit.NAME if saved.owner == owner else Fit.NO


def _stem_of(wanted: Wanted, saved: Saved) -> str:
    return wanted.prefix.sub("", saved.stem.removeprefix(f"{wanted.provider}-"))


def _owner_by_name(wanted: Wanted, saved: Saved) -> str:
    """Return the user that the name of a file states as its owner, alone or with the name of the list."""
    stem = _stem_of(wanted, saved)
    pairs = ((stem.removesuffix(f"-{name}"), stem.removeprefix(f"{name}-")) for name in map(plain_name, wanted.names))
    return saved.owner or next((rest for pair in pairs for rest in pair if rest != stem), "")
