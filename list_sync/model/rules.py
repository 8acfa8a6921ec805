"""What one rule said of a title: it passed, or it did not, and the value that decided."""

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule, as `why` tells it: `rule` as in `year ≥1990`, `value` as in `1984`.

    `source` is the name of the list whose rule it is; empty for a rule of the household or of ListSync itself.
    """

    rule: str
    passed: bool
    value: str = ""
    source: str = ""


class OwnRule(IntEnum):
    """The rules of ListSync itself, in the order of the decision; stored explanations name them by these numbers."""

    BAN = 0
    MATCH = 1
    QUALITY = 2
    SERVER = 3
    OURS = 4
    TMDB = 5
    NAME = 6
    LEFT = 7
    TURN = 8

    @property
    def words(self) -> str:
        """Return the rule as `why` tells it."""
        return OWN_RULES[self]


OWN_RULES = (
    "you did not ban it",
    "one title of TMDB fits it",
    "the server takes this quality",
    "the server does not keep it away",
    "our earlier requests allow it",
    "TMDB has it",
    "the list and TMDB agree",
    "something is left to request",
    "its turn has come",
)
