"""Which lines of lists.yaml import lists become: what is there already, what cannot be read, and what is new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from list_sync.config import Settings
from list_sync.config.naming import find_list
from list_sync.config.policy.editing import Stated, add_list, build_edit, find_entry
from list_sync.config.policy.joining import find_disabled
from list_sync.config.policy.naming import explain_secret, holds_secret
from list_sync.config.policy.saving import load_present
from list_sync.errors import ConfigError, InvalidListId
from list_sync.importing.arrs.lists import ImportList
from list_sync.importing.arrs.names import REMOVED, Names
from list_sync.importing.arrs.readings import Source
from list_sync.importing.arrs.sources import find_sources
from list_sync.importing.arrs.terms import Place, Terms, build_terms
from list_sync.importing.report import Fate, Report, Thing
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import ListKey, ListRef, ProviderInfo
from list_sync.providers import available_providers


@dataclass(frozen=True, slots=True)
class NewList:
    """A list to write: its address with its terms, and what the report calls it."""

    label: str
    source: str
    terms: Stated


@dataclass(frozen=True, slots=True)
class NewExclusion:
    """An exclusion to write, and what the report calls it."""

    label: str
    stated: Stated


def collect(
    lists: Sequence[ImportList],
    place: Place,
    settings: Settings,
    report: Report,
    *,
    names: Names,
    has_log_in: Callable[[str], bool],
) -> list[NewList]:
    """Return the new lists of import lists; the report says of each what became of it."""
    return _Collector(place, settings, report, names, has_log_in).collect(lists)


class _Collector:
    """What is known already while the import lists are gone through."""

    def __init__(
        self, place: Place, settings: Settings, report: Report, names: Names, has_log_in: Callable[[str], bool]
    ) -> None:
        self._place = place
        self._report = report
        self._imported = names
        self._has_log_in = has_log_in
        self._providers: Mapping[str, ProviderInfo] = available_providers()
        self._path, self._text = load_present(settings.process.config_dir)
        self._known = {ref.key: ref for ref in (*settings.household.lists, *find_disabled(settings))}
        self._names = {ref.terms.name.casefold() for ref in self._known.values()}
        self._taken: dict[ListKey, str] = {}

    def collect(self, lists: Sequence[ImportList]) -> list[NewList]:
        """Return the new lists."""
        return [entry for one in lists for entry in self._take_all(one)]

    def _take_all(self, one: ImportList) -> list[NewList]:
        sources = find_sources(one, self._place.media_type)
        if isinstance(sources, str):
            self._report.add(Fate.LEFT, Thing.LIST, sources, one.name)
            return []
        return [entry for source in sources if (entry := self._take(one, source))]

    def _take(self, one: ImportList, source: Source) -> NewList | None:
        try:
            ref = find_list(source.spelling, self._providers)
        except InvalidListId as error:
            self._report.add(Fate.OPEN, Thing.LIST, str(error), one.name)
            return None
        if holds_secret(ref.list_id):
            self._report.add(Fate.OPEN, Thing.LIST, explain_secret(ref.provider), one.name)
            return None
        if ref.key in self._taken:
            self._report.add(Fate.LEFT, Thing.LIST, f"it is the same list as {self._taken[ref.key]}", one.name)
            return None
        if (known := self._known.get(ref.key)) is not None:
            self._imported.note(Thing.LIST, ref.source)
            self._note_known(one, known)
            return None
        if self._imported.has(Thing.LIST, ref.source):
            self._report.add(Fate.LEFT, Thing.LIST, REMOVED, f"{one.name} ({ref.name})")
            return None
        terms = build_terms(one, source, self._place)
        entry = self._build_entry(one, ref, terms)
        if entry is not None:
            self._note_differences(one, source, terms)
        return entry

    def _build_entry(self, one: ImportList, ref: ListRef, terms: Terms) -> NewList | None:
        """Return a line that can be read, with the name that the import list has, if no other list has it."""
        name: Stated = {} if one.name.casefold() in self._names else {"name": one.name}
        entry = NewList(f"{one.name} ({ref.name})", ref.source, name | terms.stated)
        change = add_list(entry.source, entry.terms)
        try:
            build_edit(self._path, None, change, providers=self._providers, policy=HouseholdPolicy())
        except ConfigError:
            reason = "its options make no valid line: add the list on the page Lists, or write its line"
            self._report.add(Fate.OPEN, Thing.LIST, reason, one.name)
            return None
        self._imported.note(Thing.LIST, ref.source)
        self._names.add(one.name.casefold())
        self._taken[ref.key] = one.name
        return entry

    def _note_differences(self, one: ImportList, source: Source, terms: Terms) -> None:
        for note in terms.notes:
            self._report.add(Fate.CHANGED, Thing.LIST, note, one.name)
        for option in terms.left:
            self._report.add(Fate.LEFT, Thing.SETTING, f"{option} (there is nothing like it here)", one.name)
        if source.log_in and not self._has_log_in(source.log_in):
            reason = f"run list-sync login {source.log_in}: the log-in there cannot be taken over"
            self._report.add(Fate.OPEN, Thing.LIST, reason, one.name)

    def _note_known(self, one: ImportList, known: ListRef) -> None:
        """Note a list that is there; what people wrote for it counts more than what Radarr or Sonarr has."""
        filters = find_entry(self._text, known, self._providers).get("filters")
        kind = filters.get("kind") if isinstance(filters, dict) else None
        wanted = self._place.media_type
        if kind in ("movie", "tv") and kind != wanted:
            reason = f"it takes no {wanted.plural}: remove kind from its filters in lists.yaml, if it is to take them"
            self._report.add(Fate.OPEN, Thing.LIST, reason, f"{one.name} ({known.name})")
        else:
            self._report.add(Fate.KNOWN, Thing.LIST, "", f"{one.name} ({known.name})")
