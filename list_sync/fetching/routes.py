"""Reading one list by the routes of its provider, in order, until one gives the whole list."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from list_sync.errors import ListSyncError, NotOffered, SyncCancelled, TooLarge
from list_sync.fetching.completeness import ListReading, judge, judge_failure, require_understood
from list_sync.fetching.reasons import attempt_of, describe_attempts, describe_failure, is_of_source
from list_sync.footprint import Holding
from list_sync.log import about
from list_sync.model.moments import utc_now
from list_sync.model.one_time import ONE_TIME
from list_sync.model.sources import Attempt, AttemptOutcome, FetchResult, FetchState, ListRef
from list_sync.model.titles import counted
from list_sync.providers import FetchContext, Provider, Route, get_provider

logger = logging.getLogger(__name__)

MakeContext = Callable[[ListRef], FetchContext]
FindProvider = Callable[[str], Provider]


@dataclass(frozen=True, slots=True)
class Try:
    """The result of one route: the attempt, the entries if there are any, and the error that ended it."""

    attempt: Attempt
    result: FetchResult | None = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A list that is ready to be read: its spelling is right and its context is built."""

    source: ListRef
    provider: Provider
    context: FetchContext
    routes: tuple[Route, ...]
    holding: Holding = field(default_factory=Holding)

    @property
    def is_remote(self) -> bool:
        """Return whether reading the list asks another service."""
        return any(route.is_cached for route in self.routes)

    @property
    def is_kept(self) -> bool:
        """Return whether later runs may read the list again, so that a copy of it is of use."""
        return self.source.provider != ONE_TIME

    @property
    def takes_shows(self) -> bool:
        """Return whether an episode on the list requests its show."""
        chosen = self.context.takes_shows
        return self.provider.takes_shows if chosen is None else chosen

    @property
    def account(self) -> str:
        """Return what tells the account of a private list from others, without giving it away; "" for other lists."""
        if not self.provider.is_private(self.source.list_id):
            return ""
        context = self.context
        known = [context.base_url, sorted(context.credentials.items()), context.account]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]

    @property
    def stamp(self) -> str:
        """Return a digest of the settings and the log-in that the list is read with."""
        settings = [self.context.base_url, sorted(self.context.credentials.items()), self.context.limit]
        settings += ["shows for episodes"] if self.takes_shows else []
        # A log-in also shows lists that are private, although their ids are the same for everyone.
        settings += ["log-in", self.context.account] if self.context.account else []
        return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]


def open_list(
    source: ListRef,
    make_context: MakeContext,
    *,
    now: Callable[[], datetime],
    find_provider: FindProvider = get_provider,
) -> Opened | FetchResult:
    """Return the list ready to be read, or its failure; no network; raise only SyncCancelled."""
    try:
        provider = find_provider(source.provider)
        provider.check(source.list_id)
        return Opened(source, provider, make_context(source), provider.routes_of(source.list_id))
    except SyncCancelled:
        raise
    # A custom provider may raise anything; one that calls sys.exit must not end the other lists.
    except (Exception, SystemExit) as error:
        return refuse(source, error, at=now())


def refuse(source: ListRef, error: BaseException, *, at: datetime) -> FetchResult:
    """Return the failure of a list that this error ended."""
    return judge_failure(ListReading(), source, describe_failure(source, error), fetched_at=at)


def read_list(opened: Opened, *, stop: threading.Event, now: Callable[[], datetime] = utc_now) -> FetchResult:
    """Try the routes of a list in order until one gives the whole list; raise only SyncCancelled."""
    tries: list[Try] = []
    for route in opened.routes:
        one = _with_earlier_totals(try_route(opened, route, stop=stop, now=now), tries)
        tries.append(one)
        if one.attempt.outcome is AttemptOutcome.SERVED:
            break
    return choose(opened.source, tries, fetched_at=now())


def try_route(opened: Opened, route: Route, *, stop: threading.Event, now: Callable[[], datetime] = utc_now) -> Try:
    """Return the result of one route; raise only SyncCancelled."""
    with about(list=str(opened.source), route=route.name):
        try:
            one = _try_route(opened, route, stop=stop, now=now)
        finally:
            opened.holding.end_route()
        logger.debug("%s by %s: %s", opened.source, route.name, _describe_try(one))
    return one


def _describe_try(one: Try) -> str:
    titles = f", {counted(len(one.result.items), 'title')}" if one.result else ""
    return f"{one.attempt.outcome.words}{titles}{f', {one.attempt.reason}' if one.attempt.reason else ''}"


def _try_route(opened: Opened, route: Route, *, stop: threading.Event, now: Callable[[], datetime]) -> Try:
    source, context = opened.source, opened.context
    if missing := find_missing_keys(route, context):
        return missing
    reading = ListReading(route=route.name)
    try:
        with opened.holding.counted():
            _read_pages(opened, route, reading, stop=stop)
        require_understood(reading, source.provider)
    except SyncCancelled:
        raise
    except TooLarge as error:
        # A part of such a list is of no use, and takes the memory that other lists need.
        opened.holding.keep_only(0)
        return Try(attempt_of(reading.route, error, now=now()), error=_alone(error))
    except NotOffered as error:
        return fail(route, error, now=now())
    except (Exception, SystemExit) as error:
        if not isinstance(error, ListSyncError):
            logger.debug("%s could not be read by %s", source, reading.route, exc_info=True)
        attempt = attempt_of(reading.route, error, now=now())
        error = _alone(error) if isinstance(error, ListSyncError) else error
        if not reading.items:
            return Try(attempt, error=error)
        result = judge_failure(reading, source, describe_failure(source, error), fetched_at=now())
        return Try(replace(attempt, outcome=AttemptOutcome.PARTIAL), result, error)
    result = judge(reading, source, fetched_at=now())
    return _judged(replace(result, is_reusable=route.is_cached), note=reading.note)


def _alone(error: ListSyncError) -> ListSyncError:
    """Return an error without what led to it, which would keep the document in memory."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def find_missing_keys(route: Route, context: FetchContext) -> Try | None:
    """Return the result of a route whose keys are not set, or None if nothing is missing."""
    missing = [name for name in route.needs if not context.credentials.get(name)]
    return Try(Attempt(route.name, AttemptOutcome.NEEDS_KEY, f"needs {' and '.join(missing)}")) if missing else None


def fail(route: Route, error: BaseException, *, now: datetime) -> Try:
    """Return the result of a route that gave nothing; NotOffered is no failure."""
    if isinstance(error, NotOffered):
        return Try(Attempt(route.name, AttemptOutcome.SKIPPED, str(error)))
    return Try(attempt_of(route.name, error, now=now), error=error)


def _read_pages(opened: Opened, route: Route, reading: ListReading, *, stop: threading.Event) -> None:
    for page in opened.provider.pages(opened.source.list_id, opened.context, route=route):
        if stop.is_set():
            raise SyncCancelled(f"stopped while reading {opened.source}")
        opened.context.on_page()
        is_more = reading.add(page.with_shows() if opened.takes_shows else page)
        opened.holding.keep_only(reading.size)
        if not is_more:
            return


def _judged(result: FetchResult, *, note: str = "") -> Try:
    if result.state is FetchState.COMPLETE:
        return Try(Attempt(result.route, AttemptOutcome.SERVED, note), result)
    outcome = AttemptOutcome.UNPROVEN if result.expected is None else AttemptOutcome.PARTIAL
    return Try(Attempt(result.route, outcome, result.reason or ""), result)


def _with_earlier_totals(one: Try, earlier: list[Try]) -> Try:
    """Return the try, but not as whole if an earlier route saw more entries: a mirror may be out of date."""
    seen = max((result.expected or 0 for result in (before.result for before in earlier) if result), default=0)
    if one.result is None or one.result.state is not FetchState.COMPLETE or one.result.entries >= seen:
        return one
    reason = f"{one.result.entries} entries where the source has at least {seen}"
    return _judged(replace(one.result, state=FetchState.PARTIAL, reason=reason, expected=seen, is_whole=False))


def choose(source: ListRef, tries: list[Try], *, fetched_at: datetime) -> FetchResult:
    """Return the whole list if a route gave it, else the longest part, else a failure with the reason of each route.

    Of parts of equal length the first counts, because the first route is the source itself.
    """
    attempts = tuple(one.attempt for one in tries)
    results = [one.result for one in tries if one.result is not None]
    if results:
        whole = next((result for result in results if result.state is FetchState.COMPLETE), None)
        best = whole or max(results, key=lambda result: result.entries - result.not_understood)
        return replace(best, attempts=attempts)
    failed = [one for one in tries if one.error is not None]
    # What the source itself answered says more than what a service lacks that copies its lists.
    main = next((one for one in failed if is_of_source(source, one.error)), failed[0] if failed else None)
    if main is None or main.error is None:
        reason = describe_attempts(source, attempts)
    else:
        reason = describe_failure(source, main.error, tuple(one.attempt for one in tries if one is not main))
    return replace(judge_failure(ListReading(), source, reason, fetched_at=fetched_at), attempts=attempts)
