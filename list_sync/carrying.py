"""Carries out what is asked for: syncs, the plans of dry runs, the requests of a plan, and undos."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from list_sync.api.sources.arr_library import fetch_sizes
from list_sync.correcting.naming import parse_list
from list_sync.correcting.plan_files import require_writable
from list_sync.correcting.plans import build_plan, describe_plan, judge_lines, require_valid
from list_sync.database.store import Store
from list_sync.errors import InvalidListId, PlanRefused, ServiceError, SyncCancelled
from list_sync.main import Session, undo_run
from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import Match
from list_sync.model.plans import LineKind, LineResult, PlanLine, PlannedServer, SavedPlan, Sizes, UserQuotaUse
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import ProgressListener, RunOrder, RunStatus
from list_sync.model.servers import ServerInfo
from list_sync.model.sources import ListRef
from list_sync.model.titles import QualityKey, TitleKey
from list_sync.storage.plans import find_applying, keep_plan, load_plan, record_results
from list_sync.storage.server_memory import find_name, find_state, load_fingerprint
from list_sync.storage.servers import find_answering, find_household_server

logger = logging.getLogger(__name__)

MOST_USERS = 10


def carry_out(session: Session, order: RunOrder, run_id: int | None) -> SyncReport:
    """Do what was asked for, as the queued run of that number if there is one; raise PlanRefused if it cannot be done.

    Raise SyncCancelled if the stop event is set while waiting, StorageError if the database fails.
    """
    if order.is_begun_again and session.settings.household.dry_run:
        raise PlanRefused("DRY_RUN is set, so nothing is requested and nothing is withdrawn")
    if order.is_begun_again:
        return _do_once(session, order, run_id)

    def keep(report: SyncReport) -> None:
        # Once the run is over, people look for its plan.
        if order.dry_run and run_id is not None and report.error is None:
            try:
                _keep(session, report, is_partial=bool(order.lists or order.one_time))
            except SyncCancelled:
                logger.warning("the plan of run %d is not kept, because the run was stopped before its end", run_id)

    return session.sync(
        mode=order.mode,
        dry_run=order.dry_run,
        only=order.lists,
        one_time=order.one_time,
        fresh=order.fresh,
        run_id=run_id,
        on_report=keep,
    )


def _do_once(session: Session, order: RunOrder, run_id: int | None) -> SyncReport:
    if order.undoes is not None:
        return undo_run(session, order.undoes, mode=order.mode, queued=run_id)
    return _apply_kept(session, order.applies or 0, order.mode, run_id)


def _keep(session: Session, report: SyncReport, *, is_partial: bool) -> None:
    """Keep the plan of a dry run."""
    made = make_plan(session, report, is_partial=is_partial)
    try:
        require_writable(made)
    except PlanRefused as error:
        logger.warning("%s", error)
        return
    quotas = _read_quotas(session, made)
    with session.store.writing() as connection:
        keep_plan(connection, session.store.household, report.run_id, made, quotas=quotas, now=session.now())


def _read_quotas(session: Session, made: SavedPlan) -> tuple[UserQuotaUse, ...]:
    """Return the quotas of the users to request for; none if the server does not tell them."""
    users = {line.requester_id for line in made.lines if line.kind is LineKind.REQUEST and line.requester_id}
    try:
        found = [(user, session.client.fetch_quotas(user)) for user in sorted(users)[:MOST_USERS]]
    except ServiceError as error:
        logger.warning("how much of their quotas users have left is not known: %s", error)
        return ()
    return tuple(
        UserQuotaUse(user, kind, max(0, quota.limit - quota.remaining), quota.limit, quota.days)
        for user, quotas in found
        for kind, quota in quotas.items()
        if quota.limit is not None and quota.remaining is not None
    )


def _apply_kept(session: Session, planned_in: int, mode: SyncMode, run_id: int | None) -> SyncReport:
    with session.store.reading() as connection:
        made = load_plan(connection, session.store.household, planned_in)
        before = find_applying(connection, planned_in, [RunStatus.COMPLETED])
    if made is None:
        raise PlanRefused(f"the plan of run {planned_in} is not kept any more: plan again")
    if before is not None:
        raise PlanRefused(f"the plan of run {planned_in} was applied by run {before}: plan again for what is left")
    try:
        report, results = apply_plan(session, made, mode=mode, run_id=run_id)
    except ServiceError as error:
        raise PlanRefused(f"the plan is not applied: {error}") from error
    # In a pause nothing was done yet, and the run still waits.
    if report.paused_until is None:
        with session.store.writing() as connection:
            record_results(connection, planned_in, results)
    return report


def make_plan(
    session: Session, report: SyncReport, *, is_partial: bool, tell: Callable[[str], object] = logger.warning
) -> SavedPlan:
    """Return the plan in the report of a dry run; `tell` is called with what is not known."""
    policy = session.settings.policy

    def sum_up(lines: Sequence[PlanLine]) -> str:
        if report.error is not None:
            return "there is no plan, because the run did not come to its end"
        return describe_plan(lines, policy.caps, _find_sizes(session, lines, tell))

    return build_plan(
        report,
        household=session.store.household,
        server=_load_server(session.store),
        policy=policy.fingerprint,
        summary=sum_up,
        names=load_names(session.store, report),
        is_partial=is_partial,
    )


def _find_sizes(session: Session, lines: Sequence[PlanLine], tell: Callable[[str], object]) -> Sizes:
    """Return what Radarr and Sonarr say of disks; nothing if there is nothing to request, or none of them answers."""
    if all(line.kind is LineKind.WITHDRAW for line in lines):
        return Sizes()
    try:
        return fetch_sizes(session.sources.find_arrs())
    except ServiceError as error:
        tell(f"how much room the titles take is not known: {error}")
        return Sizes()


def _load_server(store: Store) -> PlannedServer:
    with store.reading() as connection:
        server = find_household_server(connection, store.household)
        if server is None:
            return PlannedServer("", "")
        counts = load_fingerprint(connection, server.server_id).fingerprint
    return PlannedServer(server.installation, server.kind, counts)


def load_names(store: Store, report: SyncReport) -> dict[TitleKey, str]:
    """Return the names of matched titles of which the lists state ids only, as far as their pages were read."""
    results = [outcome.result for outcome in report.outcomes]
    untitled = [one for one in results if isinstance(one, Match) and not one.wanted.item.title]
    keys = {(one.media_type, one.tmdb_id) for one in untitled}
    if not keys:
        return {}
    with store.reading() as connection:
        return {key: find_name(connection, key) for key in keys}


def apply_plan(
    session: Session,
    made: SavedPlan,
    *,
    mode: SyncMode = SyncMode.MANUAL,
    run_id: int | None = None,
    on_progress: ProgressListener | None = None,
) -> tuple[SyncReport, tuple[LineResult, ...]]:
    """Request what a plan says and still holds, and return what became of each line.

    Raise PlanRefused if it does not hold as a whole, and ServiceError if the server cannot be asked.
    """
    only = _find_lists(made, session.settings.household.lists)
    require_valid(
        made,
        _recognise(session),
        household=session.store.household,
        policy=session.settings.policy.fingerprint,
        now=session.now(),
    )
    report = session.sync(mode=mode, only=only, planned=made.chosen, run_id=run_id, on_progress=on_progress)
    return report, judge_lines(made, report, _find_requesters(session, report, made))


def _recognise(session: Session) -> ServerInfo:
    """Return what the server says of itself, under the name by which a plan knows its installation."""
    info = session.client.check_access()
    with session.store.reading() as connection:
        server = find_answering(connection, session.store.household, info, address=session.client.url)
    return replace(info, installation=server.installation or info.installation) if server else info


def _find_lists(made: SavedPlan, configured: Sequence[ListRef]) -> tuple[ListRef, ...]:
    """Return the lists of a plan of some lists; none means all lists."""
    if not made.is_partial:
        return ()
    try:
        return tuple(parse_list(one.name, configured) for one in made.lists)
    except InvalidListId as error:
        raise PlanRefused(f"the plan is of a list that is not known any more: {error}") from error


def _find_requesters(session: Session, report: SyncReport, made: SavedPlan) -> Mapping[QualityKey, str]:
    """Return which user requested each title of the plan that was already requested, if the server names them."""
    taken = {one.decision.quality_key for one in report.outcomes if one.status is ItemStatus.ALREADY_REQUESTED}
    keys = [key for key in made.chosen if key in taken]
    if not keys:
        return {}
    users = dict[QualityKey, int]()
    with session.store.reading() as connection:
        server = find_household_server(connection, session.store.household)
        for key in keys if server else ():
            state, _ = find_state(connection, server.server_id if server else 0, key[:2])
            rows = state.requests_in(key[2]) if state else ()
            first = min(rows, key=lambda row: row.request_id, default=None)
            if first and first.requester_id is not None:
                users[key] = first.requester_id
    try:
        names = {user.user_id: user.name for user in session.client.fetch_users()}
    except ServiceError:
        names = {}
    return {key: names.get(user) or f"user {user}" for key, user in users.items()}
