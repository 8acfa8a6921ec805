"""Saved plans: made from the report of a dry run, and compared with the report of the run that applied them."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from list_sync.errors import PlanRefused
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.leaving import LeftState, LeftTitle
from list_sync.model.limits import shown_size
from list_sync.model.matches import Match
from list_sync.model.moments import is_in_future, shown
from list_sync.model.plans import (
    PLAN_HOLDS_FOR,
    LineKind,
    LineResult,
    PlanLine,
    PlannedList,
    PlannedServer,
    SavedPlan,
    Sizes,
)
from list_sync.model.policy import Caps
from list_sync.model.report import SyncReport
from list_sync.model.servers import ServerInfo
from list_sync.model.sources import FetchResult, FetchState
from list_sync.model.titles import MediaType, QualityKey, TitleKey, counted
from list_sync.version import __version__

_KINDS = {ItemStatus.WOULD_REQUEST: LineKind.REQUEST, ItemStatus.WAITING: LineKind.WAIT}
_THERE = frozenset({ItemStatus.REQUESTED})


def build_plan(
    report: SyncReport,
    *,
    household: str,
    server: PlannedServer,
    policy: str,
    summary: Callable[[Sequence[PlanLine]], str],
    names: Mapping[TitleKey, str],
    is_partial: bool,
) -> SavedPlan:
    """Return the plan in the report of a dry run; `names` are those of titles of which the lists state ids only."""
    outcomes = (_build_line(one, _KINDS[one.status], names) for one in report.outcomes if one.status in _KINDS)
    lines = (*outcomes, *(_build_left(one) for one in report.left if one.state is LeftState.WOULD_WITHDRAW))
    return SavedPlan(
        made_by=f"list-sync {__version__}",
        made_at=report.finished_at,
        expires_at=report.finished_at + PLAN_HOLDS_FOR,
        lists=tuple(_build_list(result) for result in report.fetched),
        household=household,
        policy=policy,
        server=server,
        lines=lines,
        summary=summary(lines),
        is_partial=is_partial,
    )


def _build_list(result: FetchResult) -> PlannedList:
    keys = "\n".join(sorted(item.key for item in result.items))
    contents = hashlib.sha256(keys.encode(errors="surrogatepass")).hexdigest()
    return PlannedList(result.source.name, result.state.value, len(result.items), contents)


def _build_line(outcome: RequestOutcome, kind: LineKind, names: Mapping[TitleKey, str]) -> PlanLine:
    result, decision = outcome.result, outcome.decision
    media_type, tmdb_id, label = result.wanted.item.media_type, None, result.label
    if isinstance(result, Match):
        media_type, tmdb_id = result.media_type, result.tmdb_id
        is_named = result.name or result.wanted.item.title
        label = label if is_named else names.get((media_type, tmdb_id)) or label
    others = len(result.wanted.sources) - 1
    reason = f"also on {counted(others, 'other list')}" if others else ""
    if not isinstance(decision, Request):
        listed_by = result.wanted.sources[0].label
        return PlanLine(kind, label, media_type, tmdb_id, decision.quality, listed_by=listed_by, reason=outcome.reason)
    return PlanLine(
        kind,
        label,
        media_type,
        tmdb_id,
        decision.quality,
        decision.seasons,
        decision.requester_id,
        decision.approval,
        decision.options,
        decision.list_ref.label,
        reason,
    )


def _build_left(title: LeftTitle) -> PlanLine:
    listed_by = title.source.name
    facts = (title.label, *title.key, title.seasons, title.requester_id)
    return PlanLine(LineKind.WITHDRAW, *facts, listed_by=listed_by, reason=title.reason)


def describe_plan(lines: Sequence[PlanLine], caps: Caps, sizes: Sizes) -> str:
    """Return the sentence that ends a plan, as in: 37 titles, 5 a day, about 340 GB of 2.1 TB free."""
    asked = [line for line in lines if line.kind is LineKind.REQUEST]
    withdrawn = sum(line.kind is LineKind.WITHDRAW for line in lines)
    waiting = len(lines) - len(asked) - withdrawn
    if not lines:
        return "nothing to do"
    first = counted(len(asked) + waiting, "title") + (f" ({waiting} of them wait)" if waiting else "")
    parts = [first if asked or waiting else "", f"{counted(withdrawn, 'request')} withdrawn" if withdrawn else ""]
    if caps.per_day or caps.per_requester:
        parts.append(f"{caps.per_day} a day" if caps.per_day else f"{caps.per_requester} a day for each requester")
    return ", ".join(filter(None, [*parts, _describe_room(lines, sizes)]))


def _describe_room(lines: Iterable[PlanLine], sizes: Sizes) -> str:
    """Return how much the titles may take of what is free; seasons that are not known yet count as one."""
    new = [line for line in lines if line.kind is not LineKind.WITHDRAW]
    films = sum(line.media_type is MediaType.MOVIE for line in new)
    seasons = sum(len(line.seasons) or 1 for line in new if line.media_type is MediaType.TV)
    if (films and sizes.film_bytes is None) or (seasons and sizes.season_bytes is None) or not new:
        return f"{shown_size(sizes.free_bytes)} free" if sizes.free_bytes is not None else ""
    needed = films * (sizes.film_bytes or 0) + seasons * (sizes.season_bytes or 0)
    free = f" of {shown_size(sizes.free_bytes)} free" if sizes.free_bytes is not None else ""
    return f"about {shown_size(needed)}{free} (an estimate by the median of what is there)"


def require_valid(plan: SavedPlan, info: ServerInfo, *, household: str, policy: str, now: datetime) -> None:
    """Raise PlanRefused if a plan does not hold for this household, server and policy at this moment."""
    if plan.household != household:
        raise PlanRefused(f"the plan is that of household {plan.household}: add --household {plan.household}")
    server = (info.installation, info.dialect.value)
    if objections := find_objections(plan, server=server, policy=policy, now=now):
        raise PlanRefused(f"{'; '.join(objections)}: make a new one with list-sync plan")


def find_objections(plan: SavedPlan, *, server: tuple[str, str], policy: str, now: datetime) -> tuple[str, ...]:
    """Return why a plan does not hold any more; `server` is the installation and the kind of the present one."""
    wrong = {
        f"the plan of {shown(plan.made_at)} is older than 24 hours": now >= plan.expires_at
        or is_in_future(plan.made_at, now=now),
        "the plan was made for another server than the one at OVERSEERR_URL": (
            plan.server.installation,
            plan.server.kind,
        )
        != server,
        "the policy (lists.yaml or its settings) changed since the plan was made": plan.policy != policy,
    }
    return tuple(text for text, is_wrong in wrong.items() if is_wrong)


def judge_lines(plan: SavedPlan, report: SyncReport, names: Mapping[QualityKey, str]) -> tuple[LineResult, ...]:
    """Return what became of each request that the plan holds; `names` are the users who requested a title first."""
    outcomes = {one.decision.quality_key: one for one in report.outcomes if one.decision.quality_key}
    left = {one.key: one for one in report.left}
    return tuple(
        _judge_left(line, left.get(key), report)
        if line.kind is LineKind.WITHDRAW
        else _judge(line, outcomes.get(key), report, by=names.get(key, ""))
        for key, line in plan.chosen.items()
    )


def _judge_left(line: PlanLine, left: LeftTitle | None, report: SyncReport) -> LineResult:
    if left is None:
        reason = (
            f"the run ended early: {report.error}"
            if report.error
            else "its request is not pending any more, or a list holds it again"
        )
        return LineResult(line, is_done=False, status=LeftState.KEPT.value, reason=reason)
    return LineResult(line, left.is_withdrawn, left.state.value, left.reason)


def _judge(line: PlanLine, outcome: RequestOutcome | None, report: SyncReport, *, by: str) -> LineResult:
    if outcome is None:
        return LineResult(line, is_done=False, status="not_done", reason=_explain_absence(line, report))
    reason = outcome.reason
    if outcome.status is ItemStatus.ALREADY_REQUESTED and by:
        reason = f"already requested by {by}: {reason}"
    is_done = outcome.status in _THERE and isinstance(outcome.decision, Request)
    if is_done and isinstance(outcome.decision, Request):
        left = [str(number) for number in line.seasons if number not in outcome.decision.seasons]
        reason += f"; without season {', '.join(left)}, requested or there by now" if left else ""
    return LineResult(line, is_done, outcome.status.value, reason)


def _explain_absence(line: PlanLine, report: SyncReport) -> str:
    if report.error is not None:
        return f"the run ended early: {report.error}"
    unread = [one for one in report.fetched if one.state is not FetchState.COMPLETE]
    own = [one for one in unread if one.source.label == line.listed_by]
    if own:
        return f"not seen: {line.listed_by} was not read in full ({own[0].reason or own[0].state.value})"
    return "not on the list any more" if not unread else "not on the list any more, or on a list that was not read"
