"""Everything at a glance: a verdict, what needs a person, health, lists, what waits, and requests over time."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from pydantic import BaseModel, Field

from list_sync.correcting.needs import Need, NeedKind
from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import FetchState
from list_sync.model.titles import MediaType, Quality
from list_sync.model.waiting import WaitingCause
from list_sync.model.waits import WaitGroup
from list_sync.storage.request_history import DayOfRequests, SentTitle
from list_sync.web.models.answers import Moment
from list_sync.web.models.lists import ListAnswer
from list_sync.web.models.progress import RunAtWork
from list_sync.web.models.runs import RunAnswer

MOST_LISTS = 6
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


class NeedAnswer(BaseModel):
    """Something that needs you: what happened, what was kept, and the page that settles it."""

    kind: NeedKind
    tone: str = Field(examples=["bad"], description="`bad`, `ask` (a decision) or `wait`")
    head: str = Field(examples=["3 titles wait for your decision"])
    text: str = Field(examples=["More than one title of TMDB may be meant, so none was chosen."])
    act: str = Field(examples=["Decide"], description="what the link to `path` says")
    path: str = Field(examples=["/review"], description="below the address of the dashboard")


class ServerHealth(BaseModel):
    """How the server was the last time; `milliseconds` is null if it did not answer."""

    tone: str = Field(examples=["ok"])
    words: str = Field(examples=["Seerr answers in 41 ms"])
    milliseconds: int | None = Field(examples=[41])
    asked_seconds_ago: int | None = Field(examples=[20])


class DatabaseHealth(BaseModel):
    """The database of this folder."""

    bytes: int | None = Field(examples=[48_000_000])
    trouble: str
    backup_at: Moment | None = Field(description="when the newest backup was made")


class CapUse(BaseModel):
    """How much of a cap of 24 hours ListSync used; of a cap for each user, the user with the most."""

    name: str = Field(examples=["MAX_REQUESTS_PER_DAY"])
    used: int = Field(examples=[14])
    most: int = Field(examples=[20])
    requester_id: int | None


class Waiting(BaseModel):
    """Titles that wait for one cause; `next_at` is when the first of them goes, else `goes` says when."""

    cause: WaitingCause
    words: str = Field(examples=["The cap of a day is reached"])
    value: str = Field(examples=["caps.per_day=20 is reached"])
    titles: int = Field(examples=[31])
    next_at: Moment | None
    goes: str = Field(examples=["with the next sync"])


class DayOfRequestsAnswer(BaseModel):
    """The requests of one day in the time zone of TZ, and those of them that were withdrawn later."""

    day: date
    requested: int = Field(examples=[14])
    withdrawn: int = Field(examples=[0])


class SentTitleAnswer(BaseModel):
    """A title that was requested, and its state now."""

    id: int = Field(examples=[127])
    title: str = Field(examples=["Faust"])
    year: int | None = Field(examples=[1926])
    media_type: MediaType
    tmdb_id: int = Field(examples=[10728])
    quality: Quality
    status: ItemStatus
    sent_at: Moment


class Overview(BaseModel):
    """The state of everything, as the first page shows it."""

    verdict: str = Field(examples=["Two things need you. Everything else is in order."])
    needs: list[NeedAnswer] = Field(description="worst first")
    in_order_since: Moment | None = Field(description="since when no sync had anything for you; null if something is")
    run: RunAtWork | None = Field(description="the sync that works in this daemon")
    present_run: RunAnswer | None = Field(description="the run that works now, also in another process")
    last_run: RunAnswer | None = Field(description="the last one that was neither a dry run nor an undo")
    next_sync_at: Moment | None
    paused_until: Moment | None
    server: ServerHealth
    database: DatabaseHealth
    caps: list[CapUse]
    free_space_bytes: int | None = Field(description="below this, requests pause (pause_when.free_space)")
    lists_total: int
    lists_complete: int
    lists: list[ListAnswer] = Field(description=f"the {MOST_LISTS} that were read worst")
    waiting_total: int
    waiting: list[Waiting]
    days: list[DayOfRequestsAnswer] = Field(description="the last 30 days, oldest first")
    latest: list[SentTitleAnswer] = Field(description="requested last")


def say_verdict(needs: Sequence[Need]) -> str:
    """Return the state of everything in one or two sentences."""
    if not needs:
        return "Nothing needs you."
    more = len(needs) - 1
    if needs[0].kind.stops_syncs:
        others = f" {_number(more)} more thing{' needs' if more == 1 else 's need'} you." if more else ""
        return f"Nothing can be requested now: {needs[0].head[:1].lower()}{needs[0].head[1:]}.{others}"
    subject = "One thing needs" if not more else f"{_number(len(needs))} things need"
    return f"{subject} you. Everything else is in order."


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def build_need(need: Need) -> NeedAnswer:
    """Return something that needs a person."""
    return NeedAnswer(kind=need.kind, tone=need.kind.tone, head=need.head, text=need.text, act=need.act, path=need.path)


def build_waiting(group: WaitGroup) -> Waiting:
    """Return the titles that wait for one cause."""
    return Waiting(**{name: getattr(group, name) for name in Waiting.model_fields})


def build_day(day: DayOfRequests, zone: tzinfo) -> DayOfRequestsAnswer:
    """Return the requests of one day."""
    begins: datetime = day.begins_at.astimezone(zone)
    return DayOfRequestsAnswer(day=begins.date(), requested=day.requested, withdrawn=day.withdrawn)


def build_sent(sent: SentTitle) -> SentTitleAnswer:
    """Return a title that was requested."""
    names = SentTitleAnswer.model_fields.keys() - {"id"}
    return SentTitleAnswer(id=sent.item_id, **{name: getattr(sent, name) for name in names})


_WORST_FIRST = (FetchState.FAILED, FetchState.STALE, FetchState.PARTIAL, None, FetchState.COMPLETE)


def choose_lists(lists: Sequence[ListAnswer]) -> list[ListAnswer]:
    """Return the lists that were read worst, and of those alike the ones that were read longest ago."""
    by_age = sorted(lists, key=lambda one: (_WORST_FIRST.index(one.state), -(one.age_seconds or 0)))
    return by_age[:MOST_LISTS]
