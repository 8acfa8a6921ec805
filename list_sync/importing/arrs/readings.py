"""What reading an import list gives: the lists of ours that it means, or why it means none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from list_sync.config.policy.editing import Stated
from list_sync.importing.arrs.lists import ImportList
from list_sync.model.titles import MediaType


@dataclass(frozen=True, slots=True)
class Source:
    """A list of ours as a person would write it, and what it wants of its titles.

    `notes` say what is different here, `left` names options that have no counterpart. `log_in` is the service whose
    log-in the list needs. With `is_one_kind` it holds films alone, or shows alone, as Radarr or Sonarr took from it.
    """

    spelling: str
    terms: Stated = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    log_in: str = ""
    is_one_kind: bool = False


# The lists that an import list means, or why it means none.
Reading: TypeAlias = tuple[Source, ...] | str
Reader: TypeAlias = Callable[[ImportList, MediaType], Reading]


def with_filters(terms: Stated, filters: Stated) -> Stated:
    """Return terms with these filters, if there are any."""
    return {**terms, "filters": filters} if filters else terms


def explain(reason: str) -> Reader:
    """Return what says the same of every import list of a kind."""
    return lambda _one, _media_type: reason
