"""Keeps a run to the requests of a plan that was saved before."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from list_sync.model.decisions import Decision, ItemStatus, Request, Skip
from list_sync.model.plans import LineKind, PlanLine
from list_sync.model.titles import QualityKey

LEFT_OUT = "would be requested by a sync; not part of the plan"


def keep_to(decisions: Iterable[Decision], planned: Mapping[QualityKey, PlanLine] | None) -> list[Decision]:
    """Return the decisions without the requests that the plan does not hold; without a plan, all of them."""
    if planned is None:
        return list(decisions)
    return [_keep_to(one, planned.get(one.quality_key)) if isinstance(one, Request) else one for one in decisions]


def _keep_to(request: Request, line: PlanLine | None) -> Decision:
    if line is None or line.kind is not LineKind.REQUEST:
        return _leave_out(request, LEFT_OUT)
    changed = _find_change(request, line)
    if changed:
        return _leave_out(request, changed)
    if not request.seasons or not line.seasons:
        return request
    seasons = tuple(number for number in request.seasons if number in line.seasons)
    if not seasons:
        return _leave_out(request, "the seasons of the plan are requested or there by now")
    return replace(request, seasons=seasons)


def _find_change(request: Request, line: PlanLine) -> str:
    """Return what a request would do otherwise than its line says."""
    if request.requester_id != line.requester_id:
        return f"would be requested as user {request.requester_id} now, and as user {line.requester_id} by the plan"
    if request.approval is not line.approval:
        return f"approval would be by {request.approval.value} now, and by {line.approval.value} in the plan"
    if request.options != line.options:
        return "would go to another place of the server now than the plan says (server, profile, folder or tags)"
    return ""


def _leave_out(request: Request, reason: str) -> Skip:
    return Skip(request.match, ItemStatus.WOULD_REQUEST, reason, request.quality)
