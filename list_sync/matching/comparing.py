"""How each candidate of a review differs from the entry of the list, in words that people read (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from list_sync.matching.ranking import is_akin, is_named
from list_sync.model.matches import Candidate
from list_sync.model.titles import MediaItem, counted


@dataclass(frozen=True, slots=True)
class Likeness:
    """What agrees between a candidate and the entry; None where one of the two does not say it."""

    has_name: bool
    has_year: bool | None
    has_kind: bool | None
    hint: str


def compare(item: MediaItem, candidates: Sequence[Candidate]) -> tuple[Likeness, ...]:
    """Return how each candidate differs from an entry, and which others agree in the same things."""
    marks = [_judge(item, candidate) for candidate in candidates]
    return tuple(
        Likeness(*mark, _describe(item, candidate, mark, _find_others(marks, place)))
        for place, (candidate, mark) in enumerate(zip(candidates, marks, strict=True))
    )


# Whether name, year and kind agree.
_Marks = tuple[bool, bool | None, bool | None]


def _judge(item: MediaItem, candidate: Candidate) -> _Marks:
    years = item.year is not None and candidate.year is not None
    return (
        is_named(item, candidate),
        item.year == candidate.year if years else None,
        item.media_type is candidate.media_type if item.media_type else None,
    )


def _find_others(marks: Sequence[_Marks], place: int) -> list[str]:
    """Return the numbers, from 1, of the other candidates that agree in the same."""
    return [str(number) for number, other in enumerate(marks, 1) if other == marks[place] and number != place + 1]


def _describe(item: MediaItem, candidate: Candidate, mark: _Marks, others: Sequence[str]) -> str:
    has_name, has_year, has_kind = mark
    agreeing = [word for word, has in (("name", has_name), ("year", has_year), ("kind", has_kind)) if has]
    also = f", and so {'does number' if len(others) == 1 else 'do numbers'} {_list(others)}" if others else ""
    parts = [f"Agrees in {_list(agreeing)}{also}" if agreeing else "Agrees in nothing that the list states"]
    if not has_name:
        parts.append("a similar name" if is_akin(item, candidate) else "another name")
    if has_year is False:
        years = (candidate.year or 0) - (item.year or 0)
        parts.append(f"{counted(abs(years), 'year')} too {'late' if years > 0 else 'early'}")
    if candidate.year is None:
        parts.append("TMDB states no year")
    if has_kind is False:
        parts.append(f"a {candidate.media_type.word}")
    return f"{'; '.join(parts)}."


def _list(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
