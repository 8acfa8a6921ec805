"""The entries of a source one by one: each ends as a title, as what cannot be requested, or as not understood."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from list_sync.api.exports.kinds import find_media_type, find_unsupported
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood, Unsupported
from list_sync.model.titles import MediaType

Given = TypeVar("Given")


def read_each(entries: Sequence[Given], parse: Callable[[Given], Entry], *, after: int = 0) -> list[Entry]:
    """Return what each entry is; one of which `parse` raises UnexpectedResponse is not understood.

    `after` is how many entries of the list came before, so that the place of each is its place in the list.
    """
    found: list[Entry] = []
    for number, entry in enumerate(entries, after + 1):
        try:
            found.append(parse(entry))
        except UnexpectedResponse as error:
            found.append(NotUnderstood(f"entry {number}", error.message))
    return found


def read_kind(word: object) -> MediaType | Unsupported | None:
    """Return what a source's word says that an entry is; None for a word that we do not know, or that says nothing."""
    unsupported = find_unsupported(word or "")
    return Unsupported(unsupported) if unsupported else find_media_type(word or "")
