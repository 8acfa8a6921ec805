"""Whether all is well: for people, load balancers, containers and monitors."""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from list_sync.model.access import Scope
from list_sync.web.entrance.access import caller_of
from list_sync.web.parts import Parts
from list_sync.web.watching.badge import draw_badge
from list_sync.web.watching.condition import find_backup_age, look_at_backups, look_at_database, look_at_syncs
from list_sync.web.watching.server_watch import Check, Health


class HealthChecks(BaseModel):
    """What was looked at: `healthy`, or what is wrong in a few words."""

    database: Annotated[str, Field(examples=["healthy"])]
    overseerr_api: Annotated[str, Field(examples=["healthy", "unhealthy: no answer"])]
    last_sync: Annotated[str, Field(examples=["healthy", "stale: 2 days, 3:00:00", "no_syncs_found"])]


class BackupHealth(BaseModel):
    """How the backups of BACKUP_SCHEDULE are; they do not count for the status, because a restart makes none better."""

    state: Annotated[str, Field(examples=["healthy", "stale: 3 days, 2:00:00", "unhealthy: no backup could be made"])]
    age_seconds: Annotated[int | None, Field(examples=[7200], description="of the newest verified backup")] = None


class HealthAnswer(BaseModel):
    """The worst of the checks, and each of them; `backup` is there if BACKUP_SCHEDULE is set."""

    status: Health
    timestamp: datetime
    checks: HealthChecks
    backup: BackupHealth | None = None


class OneWord(BaseModel):
    """Whether the process lives, or can work."""

    status: Literal["healthy", "unhealthy"]


class _Badge(Response):
    media_type = "image/svg+xml"


_BADGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"example": "<svg …>ListSync healthy</svg>"}}, "description": "The badge"}
}
_BADGE_SECONDS = 60
_NO_ANSWER = {
    "status": "unhealthy",
    "timestamp": "2026-11-27T12:00:00Z",
    "checks": {"database": "healthy", "overseerr_api": "unhealthy: no answer", "last_sync": "healthy"},
}


def _unwell(model: type[BaseModel], example: object) -> dict[int | str, dict[str, Any]]:
    """Return the description of the answer that not all is well."""
    return {503: {"model": model, "content": {"application/json": {"example": example}}}}


def routes(parts: Parts) -> APIRouter:
    """Return the routes that watch the service; they need no credentials."""
    router = APIRouter(tags=["watching"])

    @router.get(
        "/health",
        response_model=HealthAnswer,
        response_model_exclude_none=True,
        responses=_unwell(HealthAnswer, _NO_ANSWER),
    )
    def health(request: Request, response: Response) -> HealthAnswer:
        """Tell whether the database, the server and the syncs are well: 200 only when all are, else 503.

        With a token, the causes are named.
        """
        checks = _look(parts)
        status = _worst(checks.values())
        response.status_code = HTTPStatus.OK if status is Health.HEALTHY else HTTPStatus.SERVICE_UNAVAILABLE
        with_cause = caller_of(request.scope).may(Scope.READ)
        told = {name: check.describe(with_cause=with_cause) for name, check in checks.items()}
        backup = _describe_backups(parts, with_cause=with_cause)
        return HealthAnswer(status=status, timestamp=parts.now(), checks=HealthChecks(**told), backup=backup)

    @router.get("/health/live", response_model=OneWord)
    def live() -> OneWord:
        """Tell that the process answers."""
        return OneWord(status="healthy")

    @router.get("/health/ready", response_model=OneWord, responses=_unwell(OneWord, {"status": "unhealthy"}))
    def ready(response: Response) -> OneWord:
        """Tell whether the database can be used; the server may be down meanwhile."""
        if look_at_database(parts).health is Health.HEALTHY:
            return OneWord(status="healthy")
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return OneWord(status="unhealthy")

    @router.get("/health/badge.svg", response_class=_Badge, responses=_BADGE)
    def badge() -> Response:
        """Draw the worst of the checks as a badge, for a page of yours: always 200, and the same word as /health."""
        status = _worst(_look(parts).values())
        return _Badge(draw_badge(status), headers={"Cache-Control": f"public, max-age={_BADGE_SECONDS}"})

    return router


def _describe_backups(parts: Parts, *, with_cause: bool) -> BackupHealth | None:
    # Without a schedule, a probe reads no folder.
    age = find_backup_age(parts) if parts.settings.process.backup_schedule else None
    check = look_at_backups(parts, age)
    if check is None:
        return None
    seconds = None if age is None else int(age.total_seconds())
    return BackupHealth(state=check.describe(with_cause=with_cause), age_seconds=seconds)


def _look(parts: Parts) -> dict[str, Check]:
    return {
        "database": look_at_database(parts),
        "overseerr_api": parts.server.find(),
        "last_sync": look_at_syncs(parts),
    }


def _worst(checks: Iterable[Check]) -> Health:
    order = tuple(Health)
    return max((check.health for check in checks), key=order.index)
