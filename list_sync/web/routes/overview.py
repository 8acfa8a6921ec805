"""Everything at a glance, as the first page shows it."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from fastapi import APIRouter

from list_sync.correcting.list_needs import Reading
from list_sync.correcting.needs import Situation, find_needs
from list_sync.database.known_backups import find_newest_backup
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.limits import DAY
from list_sync.model.moments import shown_age
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import Attempt, FetchState
from list_sync.model.waits import group_waiting
from list_sync.storage.glance import Glance, load_glance
from list_sync.storage.runs import load_past_runs
from list_sync.web.entrance.access import needs
from list_sync.web.models import overview as model
from list_sync.web.models.lists import ListAnswer
from list_sync.web.models.overview import Overview
from list_sync.web.models.progress import build_run_at_work
from list_sync.web.models.runs import build_run
from list_sync.web.parts import Parts
from list_sync.web.routes.lists import find_answers
from list_sync.web.watching.condition import find_backup_age, find_limit, judge_last_sync, look_at_backups
from list_sync.web.watching.server_watch import KEY_REFUSED, Health, Sight, describe_sight
from list_sync.web.watching.source_faults import find_told_faults

_DAYS = 30
_RUNS = 30


def routes(parts: Parts) -> APIRouter:
    """Return the route of the overview."""
    router = APIRouter(tags=["summary"], dependencies=[needs(Scope.READ)])

    @router.get("/api/overview", response_model=Overview)
    def overview() -> Overview:
        """Tell what needs you, how everything is, what waits and why, and what was requested."""
        return load_overview(parts)

    return router


def load_overview(parts: Parts) -> Overview:
    """Return everything at a glance; raise StorageError."""
    now, settings = parts.now(), parts.present
    lists, sight, current = find_answers(parts), parts.server.find_last(), parts.feed.current
    every = load_past_runs(parts.store, limit=_RUNS, only_started=True)
    runs = [run for run in every if not run.dry_run]
    known = load_glance(parts.store, find_bounds(now, settings.process.zone), since=now - DAY)
    found = find_needs(_find_situation(parts, known, runs, lists, sight))
    waiting = group_waiting(known.waiting)
    return Overview(
        verdict=model.say_verdict(found),
        needs=[model.build_need(need) for need in found],
        in_order_since=None if found else find_start_of_order(runs),
        run=build_run_at_work(current) if current else None,
        present_run=next((build_run(run) for run in every if run.status is RunStatus.RUNNING), None),
        last_run=next((build_run(run) for run in runs if run.status.is_over and not run.undoes), None),
        next_sync_at=parts.daemon.find_next_sync(),
        paused_until=parts.daemon.find_pause(),
        server=_describe_server(sight),
        database=_look_at_database(parts),
        caps=_find_caps(parts, known),
        free_space_bytes=settings.policy.pause_when.free_space_bytes,
        lists_total=len(lists),
        lists_complete=sum(one.state is FetchState.COMPLETE for one in lists),
        lists=model.choose_lists(lists),
        waiting_total=sum(group.titles for group in waiting),
        waiting=[model.build_waiting(group) for group in waiting],
        days=[model.build_day(day, settings.process.zone) for day in known.days],
        latest=[model.build_sent(sent) for sent in known.latest],
    )


def _find_situation(
    parts: Parts, known: Glance, runs: Sequence[Run], lists: Sequence[ListAnswer], sight: Sight | None
) -> Situation:
    through = next((run.finished_at for run in runs if run.status is RunStatus.COMPLETED and not run.undoes), None)
    check = judge_last_sync(through, limit=find_limit(parts), now=parts.now())
    cause = sight.check.cause if sight else ""
    is_refused = sight is not None and sight.check.words == KEY_REFUSED
    return Situation(
        now=parts.now(),
        database=parts.daemon.find_trouble(),
        stall=parts.daemon.find_stall(),
        files=parts.daemon.find_file_trouble(),
        key_refused=cause if is_refused else "",
        server_down="" if is_refused else cause,
        backup=_describe_backups(parts),
        late="" if through is None or check.health is Health.HEALTHY else shown_age(parts.now() - through),
        has_server=parts.present.household.overseerr_url is not None,
        last_run=next((run for run in runs if run.status.is_over), None),
        attention=known.attention,
        failed=known.failed,
        readings=[_build_reading(one) for one in lists if one.configured],
        faults=find_told_faults(parts),
    )


def _describe_backups(parts: Parts) -> str:
    age = find_backup_age(parts)
    check = look_at_backups(parts, age)
    if check is None or check.health is Health.HEALTHY:
        return ""
    return check.cause or f"The last good one is {shown_age(age or timedelta())} old."


def _build_reading(one: ListAnswer) -> Reading:
    return Reading(
        name=one.list,
        label=one.name or one.list,
        state=one.state,
        items=one.items or 0,
        entries=(one.items or 0) + one.unsupported + one.not_understood,
        expected=one.expected,
        reason=one.reason or "",
        attempts=[Attempt(attempt.route, attempt.outcome) for attempt in one.attempts],
        copied_at=one.copied_at,
    )


def find_start_of_order(runs: Sequence[Run]) -> datetime | None:
    """Return since when every sync ended without anything for a person; the newest run comes first."""
    since = None
    for run in runs:
        left = [run.counts.get(status, 0) for status in (ItemStatus.NEEDS_REVIEW, ItemStatus.REQUEST_FAILED)]
        if run.status.is_over and (run.status is not RunStatus.COMPLETED or run.lists_failed or any(left)):
            break
        since = run.finished_at or since
    return since


def find_bounds(now: datetime, zone: tzinfo) -> list[datetime]:
    """Return the midnights around the last 30 days, today among them."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=_DAYS - 1 - number) for number in range(_DAYS + 1)]
    return [datetime.combine(day, time.min, zone) for day in days]


def _describe_server(sight: Sight | None) -> model.ServerHealth:
    tone, words = describe_sight(sight)
    answers = sight is not None and sight.answer is not None and tone == "ok"
    return model.ServerHealth(
        tone=tone,
        words=words,
        milliseconds=round(sight.answer.seconds * 1000) if answers and sight and sight.answer else None,
        asked_seconds_ago=int(sight.age_seconds) if sight else None,
    )


def _look_at_database(parts: Parts) -> model.DatabaseHealth:
    backup = find_newest_backup(parts.folder)
    try:
        size = parts.store.path.stat().st_size
    except OSError:
        size = None
    trouble = parts.daemon.find_trouble()
    return model.DatabaseHealth(bytes=size, trouble=trouble, backup_at=backup.made_at if backup else None)


def _find_caps(parts: Parts, known: Glance) -> list[model.CapUse]:
    """Return the caps of 24 hours with what ListSync used of them."""
    policy = parts.present.policy
    most_of_all, most_of_each = policy.caps.per_day, policy.caps.per_requester
    asked, found = known.asked, []
    if most_of_all:
        used = sum(asked.values())
        found.append(model.CapUse(name="caps.per_day", used=used, most=most_of_all, requester_id=None))
    if most_of_each:
        requester, used = max(asked.items(), key=lambda pair: pair[1], default=(None, 0))
        name = "caps.per_requester" if policy.file else "MAX_REQUESTS_PER_DAY"
        found.append(model.CapUse(name=name, used=used, most=most_of_each, requester_id=requester))
    return found
