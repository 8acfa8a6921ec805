"""Webhooks of others: a list has changed, or the server has something to say of a title."""

import hashlib
import hmac
import threading
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import PlainTextResponse

from list_sync.config.environment import DROP_FOLDER
from list_sync.correcting.naming import parse_ids
from list_sync.errors import InvalidListId
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.storage.deliveries import is_known, note_delivery
from list_sync.storage.tokens import digest_of
from list_sync.web.entrance.bodies import parse_json
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.notifications import parse_notification
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem
from list_sync.web.routes.sync import require_known_addresses

TRIGGERED = "Sync triggered"
# No address of a list is longer; more would only lengthen a message.
_LONGEST = 2000
NO_ACTION = "No action taken"
UNAUTHORIZED = "Unauthorized"
NOTED = "Noted"
_EXAMPLE = {"action": "list_updated", "list_type": "imdb", "list_id": "ls123456789"}
_BODY = {"required": True, "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}}}
_REFUSED = {"description": UNAUTHORIZED, "content": {"text/plain": {"schema": {"type": "string"}}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": f"{TRIGGERED}, or {NO_ACTION}"},
    401: _REFUSED,
}
_TITLE = {"notification_type": "MEDIA_AVAILABLE", "media": {"media_type": "movie", "tmdbId": "603", "tvdbId": ""}}
_NOTIFICATION = {"application/json": {"schema": {"type": "object"}, "example": _TITLE}}
_NOTED: dict[int | str, dict[str, Any]] = {
    200: {"description": f"{NOTED}, or {NO_ACTION}"},
    401: _REFUSED,
}


async def _read_body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_read_body)]
Text = Annotated[str, Header()]


def routes(parts: Parts) -> APIRouter:
    """Return the routes of webhooks; each checks its secret itself."""
    router = APIRouter(tags=["webhooks"], default_response_class=PlainTextResponse)
    taking = threading.Lock()

    @router.post("/sync-trigger", responses=_ANSWERS, openapi_extra={"requestBody": _BODY})
    def sync_trigger(
        request: Request,
        body: Body,
        x_hub_signature_256: Text = "",
        x_delivery_id: Text = "",
        x_github_delivery: Text = "",
    ) -> PlainTextResponse:
        """Sync one list that has changed, configured or not: `{"action": "list_updated", "list_type", "list_id"}`.

        The header X-Hub-Signature-256 is `sha256=` and the HMAC-SHA256 of the body with WEBHOOK_SECRET. The same
        X-Delivery-ID (or X-GitHub-Delivery) starts one sync only.
        """
        if not _is_signed(body, x_hub_signature_256, _get_secret(parts)):
            return PlainTextResponse(UNAUTHORIZED, HTTPStatus.UNAUTHORIZED)
        order = _parse_order(parse_json(body), parts)
        if order is None:
            return PlainTextResponse(NO_ACTION)
        require_known_addresses(order.lists, parts.lists)
        tell_deed(request.scope, "sync", ", ".join(map(str, order.lists)), actor="WEBHOOK_SECRET")
        # The same delivery may come twice at once.
        with taking:
            is_new = _ask_once(parts, order, x_delivery_id or x_github_delivery)
        return PlainTextResponse(TRIGGERED if is_new else NO_ACTION)

    @router.post(
        "/hooks/overseerr", responses=_NOTED, openapi_extra={"requestBody": {**_BODY, "content": _NOTIFICATION}}
    )
    def overseerr(body: Body, authorization: Text = "") -> PlainTextResponse:
        """Take what the webhook agent of Overseerr, Jellyseerr or Seerr sends: the title is then read from the server.

        The header Authorization is WEBHOOK_SECRET, or `Bearer` and WEBHOOK_SECRET.
        """
        if not _is_secret(authorization, _get_secret(parts)):
            return PlainTextResponse(UNAUTHORIZED, HTTPStatus.UNAUTHORIZED)
        notification = parse_notification(parse_json(body))
        if notification.key is None:
            return PlainTextResponse(NO_ACTION)
        parts.daemon.refresh(notification.key, is_request=notification.is_request)
        return PlainTextResponse(NOTED)

    return router


def _get_secret(parts: Parts) -> str:
    secret = parts.settings.web.webhook_secret
    if secret is None:
        raise Problem(HTTPStatus.NOT_FOUND, "there are no webhooks without a secret: set WEBHOOK_SECRET")
    return secret.get_secret_value()


def _is_secret(given: str, secret: str) -> bool:
    word, _, rest = given.strip().partition(" ")
    bare = rest.strip() if word.lower() == "bearer" else given.strip()
    # Headers are read as Latin-1, and most clients send UTF-8.
    return hmac.compare_digest(bare.encode("latin-1"), secret.encode())


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    expected = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())


def _parse_order(document: object, parts: Parts) -> RunOrder | None:
    """Return the sync that a message asks for, None if it asks for none; raise InvalidListId."""
    fields = {key.lower(): value for key, value in document.items()} if isinstance(document, dict) else {}
    if str(fields.get("action", "")).strip().lower() != "list_updated":
        return None
    name, list_id = fields.get("list_type"), fields.get("list_id")
    if isinstance(list_id, int) and not isinstance(list_id, bool):
        list_id = str(list_id)
    if not isinstance(name, str) or not isinstance(list_id, str):
        raise InvalidListId('a list needs "list_type" and "list_id", for example "imdb" and "ls123456789"')
    lists = parse_ids(name[:_LONGEST], list_id[:_LONGEST], parts.settings.process.data_dir / DROP_FOLDER)
    return RunOrder(lists, mode=SyncMode.WEBHOOK)


def _ask_once(parts: Parts, order: RunOrder, delivery: str) -> bool:
    """Queue a sync unless its delivery was taken before; return whether it is queued. Raise StorageError."""
    digest = digest_of(delivery)
    if delivery:
        with parts.store.reading() as connection:
            if is_known(connection, digest):
                return False
    parts.daemon.ask(order)
    if delivery:
        with parts.store.writing() as connection:
            note_delivery(connection, digest, at=parts.now())
    return True
