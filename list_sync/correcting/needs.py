"""What needs a person: each cause with what happened, what was kept, and where it is settled; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from urllib.parse import quote

from list_sync.correcting.list_needs import Reading, describe_lists, group_of, sentence
from list_sync.correcting.source_faults import ToldFault
from list_sync.model.attention import Attention, FailedRequests
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import AttemptOutcome, FetchState
from list_sync.model.titles import counted


class NeedKind(StrEnum):
    """The causes, worst first."""

    DATABASE = "database"
    STALLED = "stalled"
    NO_SERVER = "no_server"
    KEY_REFUSED = "key_refused"
    SERVER_DOWN = "server_down"
    FILES = "files"
    RUN_FAILED = "run_failed"
    BACKUP = "backup"
    LATE = "late"
    NO_LIST = "no_list"
    RESET = "reset"
    BRAKE = "brake"
    NO_NETWORK = "no_network"
    LIST_FAILED = "list_failed"
    REQUEST_FAILED = "request_failed"
    REVIEW = "review"
    LIST_STALE = "list_stale"
    LIST_PARTIAL = "list_partial"
    SOURCE = "source"

    @property
    def tone(self) -> str:
        """Return how bad it is: bad, ask (a decision is needed) or wait."""
        return _TONES.get(self, "bad")

    @property
    def stops_syncs(self) -> bool:
        """Return whether nothing can be requested until it is settled."""
        return self in _STOPPING


_TONES = {
    NeedKind.LATE: "wait",
    NeedKind.NO_LIST: "ask",
    NeedKind.RESET: "ask",
    NeedKind.BRAKE: "ask",
    NeedKind.REVIEW: "ask",
    NeedKind.LIST_STALE: "wait",
    NeedKind.LIST_PARTIAL: "wait",
    NeedKind.SOURCE: "wait",
}
_STOPPING = (
    NeedKind.DATABASE,
    NeedKind.STALLED,
    NeedKind.NO_SERVER,
    NeedKind.KEY_REFUSED,
    NeedKind.SERVER_DOWN,
)


@dataclass(frozen=True, slots=True)
class Need:
    """One cause: what happened, what was kept and what to do, and the page of the dashboard that settles it."""

    kind: NeedKind
    head: str
    text: str
    act: str
    path: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at one moment; an empty text means that nothing is wrong."""

    now: datetime
    database: str = ""
    stall: str = ""
    key_refused: str = ""
    server_down: str = ""
    files: str = ""
    late: str = ""
    backup: str = ""
    has_server: bool = True
    last_run: Run | None = None
    attention: Attention = field(default=Attention())
    failed: Sequence[FailedRequests] = ()
    readings: Sequence[Reading] = ()
    faults: Sequence[ToldFault] = ()


def find_needs(known: Situation) -> tuple[Need, ...]:
    """Return what needs a person, worst first."""
    order = list(NeedKind)
    found = [*_find_process(known), *_find_syncs(known), *_find_titles(known), *_find_lists(known)]
    return tuple(sorted(found, key=lambda need: order.index(need.kind)))


def _find_process(known: Situation) -> Iterator[Need]:
    if known.database:
        text = f"{sentence(known.database)} Syncs wait until it can be used; nothing is requested meanwhile."
        yield Need(NeedKind.DATABASE, "The database cannot be used", text, "See the log", "/runs?tab=log")
    if known.stall:
        text = f"{sentence(known.stall)} Restart ListSync if this lasts; the next sync looks for what was sent."
        yield Need(NeedKind.STALLED, "The sync makes no progress", text, "See the log", "/runs?tab=log")
    if known.backup:
        text = f"{sentence(known.backup)} Syncs go on, and it is tried again."
        yield Need(NeedKind.BACKUP, "No new backup was made", text, "See the backups", "/settings/backups")
    if known.files:
        text = f"{sentence(known.files)} What was read before counts until it is mended."
        yield Need(NeedKind.FILES, "A changed file cannot be read", text, "See the lists", "/lists")


def _find_syncs(known: Situation) -> Iterator[Need]:
    if not known.has_server:
        text = "OVERSEERR_URL and OVERSEERR_API_KEY say where requests go. Nothing is requested until they are set."
        yield Need(NeedKind.NO_SERVER, "No server is set", text, "Set it up", "/start")
    elif known.key_refused:
        text = f"{sentence(known.key_refused)} Nothing is lost meanwhile. A new key counts after a restart."
        yield Need(
            NeedKind.KEY_REFUSED, "The server refused the key", text, "Set the key", "/settings/OVERSEERR_API_KEY"
        )
    elif known.server_down:
        text = f"{sentence(known.server_down)} Lists are still read; nothing is requested, and nothing is lost."
        yield Need(NeedKind.SERVER_DOWN, "The server does not answer", text, "See the settings", "/settings#server")
    else:
        yield from _find_last_run(known)
    if not known.readings:
        text = "Add one by its address, or put a file into the drop folder. You see its titles before any is requested."
        yield Need(NeedKind.NO_LIST, "No list yet", text, "Add a list", "/add")


def _find_last_run(known: Situation) -> Iterator[Need]:
    run = known.last_run
    if run is not None and run.status in (RunStatus.FAILED, RunStatus.INTERRUPTED):
        text = f"{sentence(run.error or 'the log says why')} The next sync looks for what was sent, and goes on."
        head = f"Run {run.run_id} {'failed' if run.status is RunStatus.FAILED else 'was interrupted'}"
        yield Need(NeedKind.RUN_FAILED, head, text, "See the run", f"/runs/{run.run_id}")
    elif known.late:
        text = f"The last one ended {known.late} ago. The runs since then say what keeps them from it."
        yield Need(NeedKind.LATE, "No sync went through lately", text, "See the runs", "/runs")


def _find_titles(known: Situation) -> Iterator[Need]:
    attention = known.attention
    if attention.vanished:
        head = f"{counted(attention.vanished, 'request')} vanished from the server at once"
        text = (
            "The server was probably set up anew, and their titles wait. Ask again: the next sync requests them. "
            "Keep away: they count as deleted by people, and are not requested."
        )
        yield Need(NeedKind.RESET, head, text, "Ask again", "/reset")
    if attention.braked:
        head = f"The brake holds {counted(attention.braked, 'title')}"
        text = "A sync wanted far more new titles than usual, and requested none. Look at them, then apply or correct."
        yield Need(NeedKind.BRAKE, head, text, "Look at the plan", "/plan")
    yield from _describe_failed(known.failed)
    if attention.to_review:
        head = f"{_titles_wait(attention.to_review)} for your decision"
        text = "More than one title of TMDB may be meant, so none was chosen."
        yield Need(NeedKind.REVIEW, head, text, "Decide", "/review")


def _titles_wait(number: int) -> str:
    return f"{counted(number, 'title')} {'waits' if number == 1 else 'wait'}"


def _describe_failed(failed: Sequence[FailedRequests]) -> Iterator[Need]:
    """Yield the failed requests by their reason; very different reasons together."""
    if len(failed) > _MOST_REASONS:
        total, reason = sum(one.titles for one in failed), sentence(failed[0].reason)
        text = f"For {len(failed)} reasons, most often: {reason} The next sync asks again once that is settled."
        yield _failed_need(f"{total:,} titles could not be requested", text)
        return
    for one in failed:
        text = f"{sentence(one.reason)} The next sync asks again once that is settled on the server."
        if one.titles == 1:
            yield Need(
                NeedKind.REQUEST_FAILED,
                f"{one.first_title} could not be requested",
                text,
                "See the reason",
                f"/items/{one.first_id}",
            )
        else:
            yield _failed_need(f"{one.titles:,} titles could not be requested", text)


_MOST_REASONS = 3


def _failed_need(head: str, text: str) -> Need:
    return Need(NeedKind.REQUEST_FAILED, head, text, "See the titles", "/items?state=request_failed")


_KIND_OF_STATE = {
    FetchState.FAILED: NeedKind.LIST_FAILED,
    FetchState.STALE: NeedKind.LIST_STALE,
    FetchState.PARTIAL: NeedKind.LIST_PARTIAL,
}


def _find_lists(known: Situation) -> Iterator[Need]:
    """Yield the lists that were not read in full, by their cause, and sources whose lists are read in another way."""
    incomplete = sorted((one for one in known.readings if one.state in _KIND_OF_STATE), key=group_of)
    left = list(known.faults)
    offline = next((one for one in left if one.fault.is_of_everything), None)
    if offline:
        kept = "Lists that cannot be read stay as they were; nothing is removed because of it."
        yield Need(NeedKind.NO_NETWORK, offline.head, f"{offline.text} {kept}", "See the lists", "/lists")
        left, incomplete = [], [one for one in incomplete if one.outcome is not AttemptOutcome.DOWN]
    for _, group in groupby(incomplete, key=group_of):
        lists = list(group)
        told = _find_told(left, lists)
        left = [one for one in left if one not in told]
        yield _describe_group(lists, told, now=known.now)
    for one in left:
        if one.fault.outcome in _LASTING:
            yield Need(NeedKind.SOURCE, one.head, one.text, "See the lists", "/lists")


# What does not end by itself, so that it is worth a look although the lists are read in another way.
_LASTING = (AttemptOutcome.DRIFTED, AttemptOutcome.BLOCKED)


def _find_told(faults: Sequence[ToldFault], lists: Sequence[Reading]) -> list[ToldFault]:
    """Return the faults that are the cause of lists of one group."""
    names = {one.name for one in lists}
    return [one for one in faults if one.fault.outcome is lists[0].outcome and names & set(one.fault.lists)]


def _describe_group(lists: Sequence[Reading], faults: Sequence[ToldFault], *, now: datetime) -> Need:
    told = describe_lists(lists, now=now)
    kind = _KIND_OF_STATE[lists[0].state or FetchState.FAILED]
    text = " ".join([told.text, *(one.text for one in faults)])
    if told.setting:
        return Need(kind, told.head, text, told.act, f"/settings/{told.setting}")
    if len(lists) == 1:
        return Need(kind, told.head, text, told.act, f"/lists/{quote(lists[0].name, safe=':/')}")
    return Need(kind, told.head, text, "See the lists", "/lists")
