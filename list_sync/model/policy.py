"""What a household wants of all its lists together: caps, pauses, the brake and exclusions."""

from dataclasses import dataclass, field
from pathlib import Path

from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import TitleKey


@dataclass(frozen=True, slots=True)
class Caps:
    """How many titles may be requested: in a run, and in 24 hours by all requesters or by each; 0 means no cap."""

    per_run: int = 0
    per_day: int = 0
    per_requester: int = 0


@dataclass(frozen=True, slots=True)
class PauseWhen:
    """When nothing new is requested: so many requests are pending, so few bytes are free, so little quota is left."""

    pending: int | None = None
    free_space_bytes: int | None = None
    quota_left: int | None = None


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Titles that are never requested: by number, by the text or the pattern of a name, or by a list (by its name)."""

    titles: frozenset[TitleKey] = frozenset()
    names: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseholdPolicy:
    """The policy of a household; without lists.yaml there is no `file`, and only caps that the environment sets.

    `defaults` are the terms of lists that state nothing else. `fingerprint` changes with every change of the policy.
    `excluding` are the lists that `exclusions` and terms name: they are read, and nothing is requested for them.
    """

    file: Path | None = None
    fingerprint: str = ""
    defaults: Terms = field(default=Terms())
    caps: Caps = Caps()
    pause_when: PauseWhen = PauseWhen()
    brake: bool = False
    exclusions: Exclusions = field(default=Exclusions())
    excluding: tuple[ListRef, ...] = ()
