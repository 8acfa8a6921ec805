"""Leaves out what people exclude: titles by number or by name, and those that are on other lists."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from list_sync.model.decisions import Wish
from list_sync.model.matches import Match, MatchResult, NoMatchReason
from list_sync.model.name_patterns import build_test
from list_sync.model.policy import Exclusions
from list_sync.model.rules import RuleResult
from list_sync.model.sources import ListRef
from list_sync.model.titles import TitleKey, without_year

NOT_EXCLUDED = "not in exclusions"

Titles = frozenset[TitleKey]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Excluded:
    """What a run leaves out; `of_lists` are the titles of each list that is left out, by its name.

    `keys` are the IMDb ids of their entries, whose TMDB number may be wrong, and all keys of those that were not
    matched. `unreadable` are the names of those that cannot be read, or whose entries cannot all be looked up now.
    """

    exclusions: Exclusions = field(default=Exclusions())
    of_lists: Mapping[str, Titles] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    tests: tuple[tuple[str, Callable[[str], bool]], ...] = ()

    @classmethod
    def build(cls, exclusions: Exclusions, matches: Iterable[MatchResult], *, unreadable: Iterable[str] = ()) -> Self:
        """Return what is left out, by the matches of the titles on lists that are left out."""
        of_lists: dict[str, set[TitleKey]] = defaultdict(set)
        keys: dict[str, set[str]] = defaultdict(set)
        unknown = set(unreadable)
        for match in matches:
            for source in match.wanted.sources:
                if isinstance(match, Match):
                    of_lists[source.name].add((match.media_type, match.tmdb_id))
                    keys[source.name].update(key for key in match.wanted.item.keys if key.startswith("imdb:"))
                elif match.reason is NoMatchReason.LOOKUP_FAILED:
                    unknown.add(source.name)
                else:
                    keys[source.name].update(match.wanted.item.keys)
        tests = tuple((text, build_test(text)) for text in exclusions.names)
        return cls(exclusions, _frozen(of_lists), _frozen(keys), frozenset(unknown), tests)

    def find_unreadable(self, source: ListRef) -> str:
        """Return the name of a list that cannot be read although its titles are not wanted here, or ""."""
        names = (*source.terms.exclude_lists, *self.exclusions.lists)
        return next((name for name in names if name in self.unreadable), "")

    def holds(self, name: str, result: MatchResult, key: TitleKey | None) -> bool:
        """Return whether a title is on a list that is excluded, also by an id or as an entry that was not matched."""
        alike = self.keys.get(name)
        return key in self.of_lists.get(name, ()) or bool(alike and not alike.isdisjoint(result.wanted.item.keys))


def _frozen(sets: Mapping[str, set[T]]) -> dict[str, frozenset[T]]:
    return {name: frozenset(members) for name, members in sets.items()}


def exclude(wishes: Sequence[Wish], excluded: Excluded) -> tuple[Wish, ...]:
    """Return the wishes, each with the lists that do not want it because it is excluded, and the rule that says so."""
    if excluded == Excluded():
        return tuple(wishes)
    found = ((wish, dict(_find_rules(wish.result, excluded))) for wish in wishes)
    return tuple(replace(wish, excluded=rules) if rules else wish for wish, rules in found)


def _find_rules(result: MatchResult, excluded: Excluded) -> Iterator[tuple[ListRef, RuleResult]]:
    key = (result.media_type, result.tmdb_id) if isinstance(result, Match) else None
    sources = result.wanted.sources
    if of_all := _find_value(result, key, excluded):
        yield from dict.fromkeys(sources, RuleResult(NOT_EXCLUDED, passed=False, value=of_all)).items()
        return
    for source in sources:
        for name in source.terms.exclude_lists:
            if excluded.holds(name, result, key):
                yield source, RuleResult(f"not on {name}", False, f"on {name}", source.label)
                break


def _find_value(result: MatchResult, key: TitleKey | None, excluded: Excluded) -> str:
    """Return which exclusion of the household a title meets, as people read it, or ""."""
    if key in excluded.exclusions.titles:
        return f"{key[0].value} {key[1]}" if key else ""
    names = (*result.wanted.item.names, without_year(result.name) if isinstance(result, Match) else "")
    for text, is_meant in excluded.tests:
        if any(name and is_meant(name) for name in names):
            return f"title {text}"
    found = next((name for name in excluded.exclusions.lists if excluded.holds(name, result, key)), "")
    return f"on {found}" if found else ""


def find_excluding(exclusions: Exclusions, lists: Iterable[ListRef]) -> frozenset[str]:
    """Return the names of the lists whose titles some lists leave out."""
    return frozenset(exclusions.lists).union(*(source.terms.exclude_lists for source in lists))
