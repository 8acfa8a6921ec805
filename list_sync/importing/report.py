"""What an import took, changed and left, and why; the same for every place that people come from."""

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from list_sync.model.exit_codes import ExitCode
from list_sync.model.masking import mask_address

MOST_EXAMPLES = 5
_LONGEST_EXAMPLE = 160


class Fate(StrEnum):
    """What became of a thing: the headings of the report, in this order.

    LEFT is not needed or has no counterpart here; OPEN needs the user.
    """

    TAKEN = "taken"
    CHANGED = "changed"
    KNOWN = "here already"
    LEFT = "left"
    OPEN = "needs you"


class Thing(StrEnum):
    """What can be imported."""

    LIST = "list"
    SETTING = "setting"
    TITLE = "title"
    RUN = "run"
    EXCLUSION = "exclusion"


@dataclass(slots=True)
class Finding:
    """Things with the same fate for the same reason: how many, and the names of the first ones."""

    fate: Fate
    thing: Thing
    reason: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The report of one import from `source`; `lines` is text for the user to put into the file `lines_for`.

    `notes` are sentences about the whole.
    """

    source: str
    is_dry_run: bool = False
    notes: list[str] = field(default_factory=list)
    lines_for: str = ""
    lines: list[str] = field(default_factory=list)
    _findings: dict[tuple[Fate, Thing, str], Finding] = field(default_factory=dict)

    def add(self, fate: Fate, thing: Thing, reason: str, *names: str, count: int | None = None) -> None:
        """Add things by their names, or `count` things of which these are some."""
        finding = self._findings.setdefault((fate, thing, reason), Finding(fate, thing, reason))
        finding.count += len(names) if count is None else count
        # What another program stored in a name may be an address with a key.
        chosen = map(mask_address, names[: MOST_EXAMPLES - len(finding.examples)])
        finding.examples += (textwrap.shorten(name, _LONGEST_EXAMPLE, placeholder="…") for name in chosen)

    def show(self, place: str, lines: Collection[str]) -> None:
        """Show lines that the user is to put into a file."""
        if lines:
            self.lines_for = f"{self.lines_for} and {place}" if self.lines_for else place
            self.lines += lines

    def of(self, fate: Fate) -> Iterator[Finding]:
        """Yield the findings of one fate, in the order of the kinds of things."""
        kinds = list(Thing)
        found = [one for one in self._findings.values() if one.fate is fate and one.count]
        yield from sorted(found, key=lambda one: kinds.index(one.thing))

    @property
    def exit_code(self) -> ExitCode:
        """Return 1 if something needs the user."""
        return ExitCode.FAILURES if any(self.of(Fate.OPEN)) else ExitCode.OK
