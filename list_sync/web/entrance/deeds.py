"""The audit log of the service: every request that may change something leaves a line, with what came of it."""

import logging
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from list_sync.errors import StorageError
from list_sync.model.access import Deed
from list_sync.model.servers import HOME
from list_sync.storage.audit import note_deed
from list_sync.web.entrance.access import caller_of
from list_sync.web.entrance.paths import SAFE
from list_sync.web.parts import Parts
from list_sync.web.wording import name_status

logger = logging.getLogger(__name__)

_LONGEST = 300


def tell_deed(scope: AsgiScope, action: str, target: str = "", *, actor: str = "") -> None:
    """Say what a request does, for its line of the audit log: `pin`, `movie:949`; secrets must be masked.

    Without this, the line holds the method and the pattern of the path. The gate does not know every caller: `actor` is
    for those.
    """
    scope["state"]["deed"] = action, target, actor


def name_request(scope: AsgiScope) -> str:
    """Return the method of a request and the pattern of its path: the path itself may hold any text, also a token."""
    return f"{scope['method']} {getattr(scope.get('route'), 'path', '…')}"


class Audited:
    """Adds a line to the audit log before a request that may change something is answered."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_noted(message: Message) -> None:
            status = message.get("status")
            if status is not None and status != HTTPStatus.METHOD_NOT_ALLOWED and "endpoint" in scope:
                await run_in_threadpool(self._note, scope, HTTPStatus(status))
            await send(message)

        await self._app(scope, receive, send if scope["method"] in SAFE else send_noted)

    def _note(self, scope: AsgiScope, status: HTTPStatus) -> None:
        caller = caller_of(scope)
        action, target, actor = scope["state"].get("deed", (name_request(scope), "", ""))
        actor = actor or caller.name
        if not actor:
            return
        # A form is answered by the way to the next page, which says nothing to a reader.
        outcome = "done" if status < HTTPStatus.BAD_REQUEST else f"{status.value} {name_status(status)}"
        deed = Deed(self._parts.now(), actor, caller.address, action[:_LONGEST], target[:_LONGEST], outcome)
        try:
            with self._parts.store.writing() as connection:
                note_deed(connection, HOME, deed)
        except StorageError as error:
            logger.warning("the audit log has no line about %s by %s: %s", action, actor, error)
