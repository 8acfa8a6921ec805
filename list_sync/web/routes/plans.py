"""Plans: made by dry runs, looked at, applied, saved and discarded."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from list_sync.correcting.plan_files import build_content
from list_sync.correcting.plans import find_objections
from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.limits import DAY
from list_sync.model.plans import LineKind
from list_sync.model.report import SyncMode
from list_sync.model.runs import Run, RunOrder, RunStatus
from list_sync.storage.plan_changes import find_changes
from list_sync.storage.plans import (
    KeptLine,
    KeptPlan,
    count_ticked,
    count_waiting,
    discard_plan,
    find_plan,
    load_lines,
    load_plan,
    tick_only,
)
from list_sync.storage.request_history import count_asked_since
from list_sync.storage.runs import find_run, load_past_runs
from list_sync.storage.server_options import find_requester_names
from list_sync.storage.servers import find_household_server
from list_sync.storage.title_search import find_rows
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.orders import RunAsked, SyncOrder
from list_sync.web.models.plan_lines import PlanLineAnswer, build_line
from list_sync.web.models.plans import (
    ApplyOrder,
    PlanAnswer,
    PlanOrder,
    PlanView,
    build_plan,
)
from list_sync.web.models.room import measure_room
from list_sync.web.models.runs import build_run
from list_sync.web.paging import Cursor, Limit, build_page, find_place
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.runs import RunId
from list_sync.web.routes.sync import ASKED, answer_asked, build_order

MOST_LOOKED_AT = 20
_DEEDS = (LineKind.REQUEST, LineKind.WITHDRAW)
_PLANNED_STATES = (ItemStatus.WOULD_REQUEST, ItemStatus.WAITING)


def routes(parts: Parts) -> APIRouter:
    """Return the routes of plans."""
    router = APIRouter(prefix="/api/plan", tags=["plans"], dependencies=[needs(Scope.READ)])

    @router.get("", response_model=PlanView, responses=may_answer(422))
    def newest(limit: Limit = 50, cursor: Cursor = None) -> PlanView:
        """Return the newest plan with a page of its lines, and what is known of the next one."""
        return view_plan(parts, limit=limit, after=find_place(cursor))

    @router.get("/{run_id}", response_model=PlanAnswer, responses=may_answer(404, 422))
    def plan(run_id: RunId, limit: Limit = 50, cursor: Cursor = None) -> PlanAnswer:
        """Return the plan of a dry run with a page of its lines."""
        return answer_plan(parts, get_plan(parts, run_id), limit, find_place(cursor))

    @router.get("/{run_id}/file", responses=may_answer(404, 422), response_class=Response)
    def file(run_id: RunId) -> Response:
        """Return the plan as `list-sync plan -o` saves it and `list-sync apply` takes it."""
        return answer_file(parts, run_id)

    _add_deeds(router, parts)
    return router


def _add_deeds(router: APIRouter, parts: Parts) -> None:
    decides = [needs(Scope.ADMIN)]

    @router.post("", response_model=RunAsked, status_code=HTTPStatus.ACCEPTED, dependencies=decides, responses=ASKED)
    def make(
        order: Annotated[PlanOrder, Body(default_factory=PlanOrder)], request: Request, response: Response
    ) -> RunAsked:
        """Ask for a dry run, of all lists if there is no body; `GET /api/plan/{run_id}` has its plan after its end."""
        return answer_asked(parts, ask_for_plan(parts, order, request), response)

    @router.post(
        "/{run_id}/apply",
        response_model=RunAsked,
        status_code=HTTPStatus.ACCEPTED,
        dependencies=decides,
        responses={**ASKED, **may_answer(404, 409)},
    )
    def apply(
        run_id: RunId,
        order: Annotated[ApplyOrder, Body(default_factory=ApplyOrder)],
        request: Request,
        response: Response,
    ) -> RunAsked:
        """Ask for a run that requests the ticked lines of a plan which still hold; nothing else is requested.

        A plan holds for a day, for one server and one policy, and is applied once.
        """
        return answer_asked(parts, ask_to_apply(parts, run_id, request, lines=order.lines), response)

    @router.delete(
        "/{run_id}", status_code=HTTPStatus.NO_CONTENT, dependencies=decides, responses=may_answer(404, 409, 422)
    )
    def discard(run_id: RunId, request: Request) -> None:
        """Delete a plan, unless it is being applied."""
        discard_one(parts, run_id, request)


def ask_for_plan(parts: Parts, order: PlanOrder, request: Request) -> int:
    """Ask for a dry run and return its number; raise InvalidListId."""
    asked = SyncOrder(list=order.list, provider=order.provider, dry_run=True, fresh=order.fresh)
    run_order = build_order(asked, parts, asked_by=caller_of(request.scope).name)
    tell_deed(request.scope, "plan", ", ".join(map(str, run_order.lists)) or "all lists")
    return parts.daemon.ask(run_order)


def ask_to_apply(parts: Parts, run_id: int, request: Request, *, lines: Sequence[int] | None = None) -> int:
    """Ask for the run that applies a plan, and return its number; raise Problem if the plan cannot be applied."""
    tell_deed(request.scope, "apply", f"plan of run {run_id}")
    kept = get_plan(parts, run_id)
    require_applicable(parts, kept)
    if lines is not None:
        with parts.store.writing() as connection:
            tick_only(connection, run_id, lines)
    order = RunOrder(mode=SyncMode.API, applies=run_id, asked_by=caller_of(request.scope).name)
    return parts.daemon.ask(order)


def require_applicable(parts: Parts, kept: KeptPlan) -> None:
    """Raise Problem if a plan cannot be applied."""
    if kept.applied_in is not None:
        detail = f"the plan of run {kept.run_id} was applied by run {kept.applied_in}: plan again for what is left"
        raise Problem(HTTPStatus.CONFLICT, detail)
    if objections := find_present_objections(parts, kept):
        raise Problem(HTTPStatus.CONFLICT, f"{'; '.join(objections)}: plan again")


def find_present_objections(parts: Parts, kept: KeptPlan) -> tuple[str, ...]:
    """Return why a plan does not hold any more, as far as that is known without asking the server."""
    settings = parts.present
    with parts.store.reading() as connection:
        server = find_household_server(connection, parts.store.household)
    known = (server.installation, server.kind) if server else ("", "")
    policy, now = settings.policy.fingerprint, parts.now()
    dry = ("DRY_RUN is set, so nothing is requested",) if settings.household.dry_run else ()
    return (*find_objections(kept.head, server=known, policy=policy, now=now), *dry)


def discard_one(parts: Parts, run_id: int, request: Request) -> None:
    """Delete a plan; raise Problem if there is none, or it is being applied."""
    tell_deed(request.scope, "discard", f"plan of run {run_id}")
    kept = get_plan(parts, run_id)
    with parts.store.writing() as connection:
        applying = None if kept.applied_in is None else find_run(connection, kept.applied_in)
        if applying is not None and not applying.status.is_over:
            detail = f"run {applying.run_id} is to apply this plan: cancel the run first"
            raise Problem(HTTPStatus.CONFLICT, detail)
        discard_plan(connection, parts.store.household, run_id)


def get_plan(parts: Parts, run_id: int) -> KeptPlan:
    """Return the plan of a run; raise Problem if there is none."""
    with parts.store.reading() as connection:
        found = find_plan(connection, parts.store.household, run_id)
    if found is None:
        detail = f"no plan of run {run_id} is kept: the last few are, for a day, and only those of dry runs"
        raise Problem(HTTPStatus.NOT_FOUND, detail)
    return found


def view_plan(parts: Parts, *, limit: int, after: int | None) -> PlanView:
    """Return the newest plan with a page of its lines, and what is known of the next one."""
    runs = load_past_runs(parts.store, limit=MOST_LOOKED_AT)
    making, held = next((run for run in runs if run.dry_run and not run.status.is_over), None), _find_held(runs)
    with parts.store.reading() as connection:
        kept = find_plan(connection, parts.store.household)
    return PlanView(
        plan=None if kept is None else answer_plan(parts, kept, limit, after),
        making=None if making is None else build_run(making),
        held=None if held is None else build_run(held),
    )


def _find_held(runs: Sequence[Run]) -> Run | None:
    """Return the last sync if the brake stopped it."""
    last = next((run for run in runs if run.started_at and not run.dry_run and run.undoes is None), None)
    is_held = last is not None and last.status is RunStatus.STOPPED and last.exit_code == ExitCode.FAILURES
    return last if is_held else None


def answer_plan(parts: Parts, kept: KeptPlan, limit: int, after: int | None) -> PlanAnswer:
    """Return a plan with a page of its lines."""
    household, policy = parts.store.household, parts.present.policy
    with parts.store.reading() as connection:
        lines = load_lines(connection, kept.run_id, _DEEDS, limit=limit + 1, after=-1 if after is None else after)
        run = find_run(connection, kept.run_id)
        waiting = count_waiting(connection, kept.run_id)
        changes = find_changes(connection, household, kept)
        ticked = count_ticked(connection, kept.run_id)
        asked = count_asked_since(connection, household, parts.now() - DAY) if ticked else {}
        items = find_rows(connection, household, [one.line.key for one in lines if one.line.key])
    users = find_requester_names(parts.store)
    counts = run.counts if run else {}

    def build(one: KeptLine) -> PlanLineAnswer:
        return build_line(one, item_id=items[one.line.key].id if one.line.key in items else None, users=users)

    return build_plan(
        kept,
        build_page(lines, limit, build=build, number_of=lambda one: one.number),
        waiting,
        room=measure_room(kept, ticked, asked, policy, users),
        left_alone={state: number for state, number in counts.items() if state not in _PLANNED_STATES},
        objections=find_present_objections(parts, kept),
        changes=changes,
    )


def answer_file(parts: Parts, run_id: int) -> Response:
    """Return the file of a plan."""
    with parts.store.reading() as connection:
        saved = load_plan(connection, parts.store.household, run_id)
    if saved is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"no plan of run {run_id} is kept")
    headers = {"Content-Disposition": f'attachment; filename="plan-{run_id}.json"'}
    return Response(build_content(saved), media_type="application/json", headers=headers)
