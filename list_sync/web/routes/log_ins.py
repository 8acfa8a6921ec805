"""Log-ins by code at Plex, SIMKL and Trakt."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from list_sync.logins import NAMES
from list_sync.model.access import Scope
from list_sync.web.configuring.log_ins import is_service
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.configuring import LogInAnswer, build_log_in
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.settings import stored

Service = Annotated[str, Path(max_length=20, examples=["trakt"])]


class LogInsAnswer(BaseModel):
    """The log-ins of all services that have one."""

    items: list[LogInAnswer]


def routes(parts: Parts) -> APIRouter:
    """Return the routes of log-ins."""
    router = APIRouter(prefix="/api/logins", tags=["settings"], dependencies=[needs(Scope.ADMIN)])

    @router.get("", response_model=LogInsAnswer, responses=may_answer(422))
    def log_ins() -> LogInsAnswer:
        """List the log-ins, and how far new ones are."""
        return LogInsAnswer(items=[*find_log_ins(parts)])

    @router.post("/{service}", response_model=LogInAnswer, status_code=HTTPStatus.ACCEPTED, responses=may_answer(404))
    def begin(service: Service, request: Request) -> LogInAnswer:
        """Begin a log-in: open `address` and type `code`, then ask again until it is done."""
        begin_log_in(parts, service, request)
        return get_log_in(parts, service)

    @router.delete("/{service}", response_model=LogInAnswer, responses=may_answer(404, 422, 503))
    def forget(service: Service, request: Request) -> LogInAnswer:
        """Delete a log-in here; end one that waits."""
        forget_log_in(parts, service, request)
        return get_log_in(parts, service)

    return router


def find_log_ins(parts: Parts) -> Sequence[LogInAnswer]:
    """Return the log-in of each service. Raise ConfigError if config.enc cannot be opened."""
    known = parts.desk.log_ins.describe()
    return [build_log_in(service, known.get(service), parts.desk.log_ins.find(service)) for service in sorted(NAMES)]


def get_log_in(parts: Parts, service: str) -> LogInAnswer:
    """Return the log-in of one service; raise Problem for one without."""
    _require(service)
    return next(one for one in find_log_ins(parts) if one.service == service)


def begin_log_in(parts: Parts, service: str, request: Request) -> None:
    """Begin a log-in; raise Problem for a service without one."""
    _require(service)
    tell_deed(request.scope, "log in", service)
    parts.desk.log_ins.begin(service)


def forget_log_in(parts: Parts, service: str, request: Request) -> bool:
    """Delete a log-in; return whether there was one."""
    _require(service)
    tell_deed(request.scope, "forget log-in", service)
    with stored():
        return parts.desk.log_ins.forget(service)


def _require(service: str) -> None:
    if not is_service(service):
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no log-in of this name: there are {', '.join(sorted(NAMES))}")
