"""Charts of the pages as shapes: places in per cent and pixels, which templates write as SVG; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from list_sync.web.models.overview import DayOfRequestsAnswer

FLOOR = 168
_HEIGHT = 160
_LEFT, _STEP = 4.6, 3.18
_LINES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where it stands, and how high it is."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The requests of each day; `lines` are heights with their numbers, `cap` the height of a cap that is in sight."""

    bars: Sequence[Bar]
    lines: Sequence[tuple[float, int]]
    cap: float | None
    names: Sequence[tuple[float, str, str]]


def draw_days(days: Sequence[DayOfRequestsAnswer], cap: int) -> Chart:
    """Return the chart of some days; a cap far above them all is left out."""
    highest = max([day.requested for day in days], default=0)
    is_in_sight = 0 < cap <= 3 * max(highest, 1)
    top = _round_up(max(highest, cap if is_in_sight else 0, _LINES))
    scale = _HEIGHT / top
    bars = [
        Bar(_LEFT + number * _STEP, FLOOR - day.requested * scale, day.requested * scale)
        for number, day in enumerate(days)
        if day.requested
    ]
    lines = [(FLOOR - number * _HEIGHT / _LINES, number * top // _LINES) for number in range(_LINES + 1)]
    return Chart(bars, lines, FLOOR - cap * scale if is_in_sight else None, _name_days(days))


def _round_up(number: int) -> int:
    """Return the next number of the form 4, 8, 20, 40, 80, 200 … that is a whole multiple of the number of lines."""
    size = 1
    while True:
        for step in (4, 8, 12, 16, 20, 28):
            if step * size >= number:
                return step * size
        size *= 10


def _name_days(days: Sequence[DayOfRequestsAnswer]) -> list[tuple[float, str, str]]:
    """Return where the names of some days stand, how they are set, and the names."""
    last, names = len(days) - 1, []
    for number in (0, 7, 14, 21, last):
        if 0 <= number <= last:
            day = days[number].day
            anchor = "start" if number == 0 else "end" if number == last else "middle"
            names.append((_LEFT + 1.15 + number * _STEP, anchor, "today" if number == last else f"{day.day} {day:%b}"))
    return names
