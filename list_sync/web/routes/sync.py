"""Asking for a sync: of everything, some lists, or a list that is synced once."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from list_sync.api.saved_lists.one_time import name_file
from list_sync.correcting.naming import parse_list, parse_lists
from list_sync.errors import InvalidListId
from list_sync.model.access import Scope
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.sources import ListRef
from list_sync.providers import available_providers
from list_sync.providers.file import is_address
from list_sync.web.entrance.access import caller_of, needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.orders import RunAsked, SyncOrder, entries_to_json
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.routes.runs import get_run

_LOCATION = {"Location": {"description": "the address of the run", "schema": {"type": "string"}}}
# The answers of routes that ask for a run.
ASKED: dict[int | str, dict[str, Any]] = {202: {"headers": _LOCATION}, **may_answer(422)}


def routes(parts: Parts) -> APIRouter:
    """Return the route that asks for a sync."""
    router = APIRouter(tags=["runs"], dependencies=[needs(Scope.TRIGGER)])

    @router.post(
        "/api/sync",
        response_model=RunAsked,
        status_code=HTTPStatus.ACCEPTED,
        responses={**ASKED, **may_answer(403)},
    )
    def sync(
        order: Annotated[SyncOrder, Body(default_factory=SyncOrder)], request: Request, response: Response
    ) -> RunAsked:
        """Ask for a sync, of all lists if there is no body; it starts as soon as no other works.

        `GET /api/runs/{run_id}` tells how far it is.
        """
        return answer_asked(parts, ask_for_sync(parts, order, request), response)

    return router


def ask_for_sync(parts: Parts, order: SyncOrder, request: Request) -> int:
    """Ask for a sync and return the number of the run; raise InvalidListId, or Problem."""
    caller = caller_of(request.scope)
    run_order = build_order(order, parts, asked_by=caller.name)
    if not caller.may(Scope.ADMIN):
        require_known_addresses(run_order.lists, parts.lists)
    tell_deed(request.scope, "sync", _name(run_order))
    return parts.daemon.ask(run_order)


def answer_asked(parts: Parts, run_id: int, response: Response) -> RunAsked:
    """Return a run that was asked for, and its address in the headers."""
    run = get_run(parts, run_id)
    response.headers["Location"] = f"{parts.settings.web.web_base_path}/api/runs/{run_id}"
    return RunAsked(**{name: getattr(run, name) for name in RunAsked.model_fields})


def build_order(order: SyncOrder, parts: Parts, *, asked_by: str = "") -> RunOrder:
    """Return the run that is asked for; raise InvalidListId for a list that no source accepts."""
    configured = parts.lists
    lists: tuple[ListRef, ...] = ()
    if order.list is not None:
        lists = (parse_list(order.list, configured),)
    elif order.provider is not None:
        name = order.provider.lower()
        if name not in available_providers():
            raise InvalidListId(
                f"provider: there is no source of this name; known are {', '.join(available_providers())}"
            )
        lists = parse_lists(name, configured)
    one_time = None if order.custom_list is None else _build_one_time(order, parts)
    return RunOrder(lists, order.dry_run, order.fresh, SyncMode.API, one_time, asked_by=asked_by)


def require_known_addresses(lists: Sequence[ListRef], configured: Sequence[ListRef]) -> None:
    """Raise Problem for an address that is not in the settings: the daemon would read what its caller cannot reach."""
    if any(is_address(ref.list_id) and ref not in configured for ref in lists):
        detail = "only a token with the scope admin may name an address that is in no setting: add it to FILE_LISTS"
        raise Problem(HTTPStatus.FORBIDDEN, detail)


def _name(order: RunOrder) -> str:
    """Return what is synced, for people."""
    lists = (order.one_time.ref,) if order.one_time else order.lists
    return ", ".join(map(str, lists)) or "all lists"


def _build_one_time(order: SyncOrder, parts: Parts) -> OneTimeList:
    given = order.custom_list
    if isinstance(given, str):
        return OneTimeList(file=name_file(given, parts.settings.process.data_dir))
    return OneTimeList(entries=entries_to_json(given or ()))
