"""What one rule said of a title: it passed, or it did not, and the value that decided."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule, as `why` tells it: `rule` as in `year >=1990`, `value` as in `1984`.

    `source` is the name of the list whose rule it is; empty for a rule of the household or of ListSync itself.
    """

    rule: str
    passed: bool
    value: str = ""
    source: str = ""
