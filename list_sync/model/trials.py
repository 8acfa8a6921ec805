"""The result of a test of one part of the settings."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test: `part` is what was asked, as settings.toml names it."""

    part: str
    is_good: bool
    words: str
    at: datetime
    seconds: float
