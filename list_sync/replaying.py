"""What another policy would have done with the titles of the last time: from the database alone, nothing is asked."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from list_sync.correcting.keys import keys_to_ban
from list_sync.correcting.stored import build_match
from list_sync.database.store import Store
from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Policy, Request
from list_sync.model.matches import Match
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.servers import Dialect, ServerInfo
from list_sync.model.sources import FetchResult, FetchState, ListKey, ListRef
from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey
from list_sync.model.users import is_stated
from list_sync.planning.plan import decide_all
from list_sync.storage.item_links import load_links
from list_sync.storage.lists import find_lists
from list_sync.storage.memory import load_pins
from list_sync.storage.server_memory import load_shows
from list_sync.storage.title_facts import load_facts
from list_sync.storage.title_search import TitleRecord, find_seen_since
from list_sync.wishing.exclusions import Excluded, exclude, find_excluding
from list_sync.wishing.terms import order_by_priority, settle_terms
from list_sync.wishing.wishes import build_wishes

# Whether a server has 4K is its owner's choice, not the policy's.
_ANY_SERVER = ServerInfo(Dialect.SEERR, movie_4k=True, series_4k=True)
# The states of titles that the policy of that time did not want.
_UNWANTED = frozenset({ItemStatus.FILTERED, ItemStatus.EXCLUDED})


class Change(StrEnum):
    """How another policy differs about a title: it wants it as well, or not any more; unknown, or the same."""

    MORE = "more"
    LESS = "less"
    UNKNOWN = "unknown"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One title in one quality; `before` is its present state, if it has one, `reason` what the other policy says."""

    title: str
    media_type: MediaType
    tmdb_id: int
    quality: Quality
    before: ItemStatus | None
    change: Change
    reason: str
    listed_by: str


def replay(
    store: Store, policy: HouseholdPolicy, lists: Collection[ListRef], *, since: datetime, now: datetime
) -> tuple[Replayed, ...]:
    """Return what a policy and its lists would have decided about the titles that were first seen since a moment.

    What the server has, caps and pauses are left out: they say when a title is requested, not whether.
    """
    history = _History.load(store, since)
    excluded = Excluded.build(
        policy.exclusions,
        [build_match(record, [ListRef(*key) for key in history.links[record.item_id]]) for record in history.records],
        unreadable=find_excluding(policy.exclusions, lists) - {key.name for key in history.first_read},
    )
    wanted = list(_find_wanted(history, lists, excluded, now=now))
    listed = {(match.media_type, match.tmdb_id) for match in wanted}
    wishes = exclude(build_wishes(wanted), excluded)
    decisions = decide_all(wishes, history.knowledge, Policy(has_file=True), now=now)
    by_key = {wish.key: decision for wish, decision in zip(wishes, decisions, strict=True) if wish.key}
    rows = {(*_title_of(record), record.quality): record for record in history.records}
    # A ban is the user's own word, which no policy changes.
    banned = {_title_of(record) for record in history.records if not history.bans.isdisjoint(keys_to_ban(record))}
    names = {_title_of(record): record.label for record in history.records}
    return tuple(
        _compare(key, names[key[:2]], rows.get(key), by_key.get(key), is_listed=key[:2] in listed)
        for key in dict.fromkeys([*rows, *by_key])
        if key[:2] not in banned
    )


@dataclass(frozen=True, slots=True)
class _History:
    """What the database knows: titles and their lists, the days of first readings, and facts that were read."""

    records: tuple[TitleRecord, ...]
    links: Mapping[int, Collection[ListKey]]
    first_read: Mapping[ListKey, date]
    bans: frozenset[str]
    knowledge: Knowledge

    @classmethod
    def load(cls, store: Store, since: datetime) -> Self:
        """Return the history since a moment."""
        with store.reading() as connection:
            records = find_seen_since(connection, store.household, since)
            links = load_links(connection, [record.item_id for record in records])
            titles = {_title_of(record) for record in records}
            shows = load_shows(connection, titles)
            facts = load_facts(connection, titles)
            lists = find_lists(connection, store.household)
            pins = load_pins(connection, store.household)
        days = {ListKey(one.list_type, one.list_id): one.first_complete_at for one in lists}
        return cls(
            records,
            {record.item_id: links.get(record.item_id, {}) for record in records},
            {key: at.date() for key, at in days.items() if at is not None},
            frozenset(key for key, pin in pins.items() if pin.tmdb_id is None),
            Knowledge(
                _ANY_SERVER,
                details={key: details for key, (details, _) in shows.items()},
                facts={key: known for key, (known, _) in facts.items()},
            ),
        )


def _find_wanted(history: _History, lists: Iterable[ListRef], excluded: Excluded, *, now: datetime) -> Iterator[Match]:
    """Yield each title that is on lists of the policy, with these lists, the most important first."""
    readings = [FetchResult(source, (), FetchState.COMPLETE, "", now) for source in order_by_priority(lists)]
    settled = settle_terms(readings, excluded, first_read=lambda: history.first_read, today=now.date())
    by_title: dict[TitleKey, list[TitleRecord]] = {}
    for record in history.records:
        by_title.setdefault(_title_of(record), []).append(record)
    for rows in by_title.values():
        keys = {key for record in rows for key in history.links[record.item_id]}
        sources = [one.source for one in settled if any(is_stated(key, [one.source.key]) for key in keys)]
        if sources:
            yield build_match(rows[0], sources)


def _title_of(record: TitleRecord) -> TitleKey:
    if record.media_type is None or record.tmdb_id is None:
        raise ValueError("only titles that were matched are replayed")
    return (record.media_type, record.tmdb_id)


def _compare(
    key: QualityKey, name: str, record: TitleRecord | None, decision: Decision | None, *, is_listed: bool
) -> Replayed:
    before = record.status if record else None
    was_wanted = before is not None and before not in _UNWANTED
    listed_by = (record and record.provider_source) or ""
    if decision is None:
        reason = "not wanted in this quality" if is_listed else "none of its lists is in this policy"
        return Replayed(name, *key, before, Change.LESS if was_wanted else Change.SAME, reason, listed_by)
    source = (decision.match if isinstance(decision, Request) else decision.subject).wanted.sources[0]
    change, reason = _judge(decision, was_wanted=was_wanted)
    return Replayed(name, *key, before, change, reason, source.label)


def _judge(decision: Decision, *, was_wanted: bool) -> tuple[Change, str]:
    if isinstance(decision, Request):
        if decision.unread is not None:
            return Change.UNKNOWN, "what its rules ask for was never read of this title"
        return (Change.SAME, "") if was_wanted else (Change.MORE, "would be requested")
    if decision.status in _UNWANTED:
        return (Change.LESS, decision.reason) if was_wanted else (Change.SAME, decision.reason)
    if decision.status is ItemStatus.WAITING:
        return Change.UNKNOWN, decision.reason
    return Change.SAME, decision.reason
