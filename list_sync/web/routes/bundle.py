"""The support bundle: what helpers ask for, as one text without secrets and without titles."""

import platform
from collections.abc import Iterator

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from list_sync.model.access import Scope
from list_sync.model.runs import Run
from list_sync.storage.runs import load_past_runs
from list_sync.version import __version__
from list_sync.web.entrance.access import needs
from list_sync.web.models.lists import ListAnswer
from list_sync.web.models.settings import SettingAnswer
from list_sync.web.parts import Parts
from list_sync.web.routes.lists import find_answers as find_lists
from list_sync.web.routes.settings import find_answers as find_settings
from list_sync.web.watching.condition import look_at_database, look_at_syncs

RUNS = 10
_NAME = 'attachment; filename="list-sync-bundle.txt"'


def routes(parts: Parts) -> APIRouter:
    """Return the route of the bundle."""
    router = APIRouter(prefix="/api/bundle", tags=["settings"], dependencies=[needs(Scope.ADMIN)])

    @router.get("", response_class=PlainTextResponse)
    def bundle() -> PlainTextResponse:
        """Give versions, health, settings without secrets, lists and the last runs as one text, to ask for help."""
        return answer_bundle(parts)

    return router


def answer_bundle(parts: Parts) -> PlainTextResponse:
    """Return the bundle as a file. Raise StorageError."""
    text = "".join(f"{line}\n" for line in _write(parts))
    return PlainTextResponse(text.encode("utf-8", "replace"), headers={"Content-Disposition": _NAME})


def _write(parts: Parts) -> Iterator[str]:
    settings = find_settings(parts)
    yield f"ListSync {__version__}, Python {platform.python_version()}, {platform.platform()}"
    yield f"made {parts.now():%Y-%m-%d %H:%M:%S %z}"
    yield "\n# Health"
    checks = {"database": look_at_database(parts), "syncs": look_at_syncs(parts), "server": parts.server.find()}
    yield from (f"{name}: {check.describe(with_cause=True)}" for name, check in checks.items())
    yield "\n# Settings that are not the default"
    yield from (_describe_setting(one) for one in settings.items if one.is_set or one.pending)
    yield from (f"problem: {one}" for one in settings.problems)
    yield from (f"warning: {one}" for one in settings.warnings)
    yield "\n# Lists"
    yield from map(_describe_list, find_lists(parts))
    yield f"\n# The last {RUNS} runs"
    yield from map(_describe_run, load_past_runs(parts.store, limit=RUNS))


def _describe_setting(one: SettingAnswer) -> str:
    value = "(set, hidden)" if one.secret else one.value
    pending = f"; not in use before {one.counts_from}" if one.pending else ""
    return f"{one.name} = {value} ({one.origin or 'default'}{pending})"


def _describe_list(one: ListAnswer) -> str:
    state = one.state.value if one.state else "not read yet"
    total = "" if one.expected is None else f" of {one.expected}"
    return f"{one.list}: {state}, {one.items or 0}{total}, by {one.route or '-'}: {one.reason or '-'}"


def _describe_run(run: Run) -> str:
    counts = ", ".join(f"{number} {state}" for state, number in run.counts.items() if number)
    times = f"{run.started_at:%Y-%m-%d %H:%M:%S}" if run.started_at else "not begun"
    return f"{run.run_id}: {run.mode.value}, {run.status.value}, {times}: {run.error or '-'}; {counts or '-'}"
