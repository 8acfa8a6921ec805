"""What happens, while it happens: a stream of server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from list_sync.errors import StorageError
from list_sync.model.access import Scope
from list_sync.web.entrance.access import Caller, caller_of, needs
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer
from list_sync.web.watching.feed import KEPT_EVENTS, MOST_WAITING, Feed, Topic
from list_sync.web.watching.news import News

MOST_STREAMS = 50
PING_SECONDS = 15.0
RETRY_MILLISECONDS = 3000
FULL_AGAIN_SECONDS = "15"
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
_EXAMPLE = 'id: 5f0c1d2e-7\nevent: stage\ndata: {"run_id": 12, "stage": "matching", "done": 40, "total": 250}\n\n'
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"example": _EXAMPLE}}, "description": "Events until the client leaves"},
    503: {**may_answer(503)[503], "description": f"{MOST_STREAMS} streams are open already"},
}


class EventStream(StreamingResponse):
    """A stream of events; `woken` is set when there is news for it."""

    media_type = "text/event-stream"

    def __init__(self, feed: Feed, woken: asyncio.Event, content: AsyncIterator[str]) -> None:
        self._feed = feed
        self._woken = woken
        feed.join(woken)
        super().__init__(content, headers=HEADERS)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Send events until the client leaves, or the stream ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.leave(self._woken)


def routes(parts: Parts) -> APIRouter:
    """Return the route of the stream."""
    router = APIRouter(tags=["watching"], dependencies=[needs(Scope.READ)])
    feed, news = parts.feed, News(parts)

    @router.get("/api/events", response_class=EventStream, status_code=HTTPStatus.OK, responses=_ANSWERS)
    async def events(
        request: Request,
        topics: Annotated[str, Query(description="Only these, separated by commas", examples=["run,attention"])] = "",
        last_event_id: Annotated[str, Header(description="The last event that the client has")] = "",
        since: Annotated[str, Query(description="The same, for a client that cannot send the header at first")] = "",
    ) -> EventStream:
        """Send what happens: `run` (began, ended), `stage` (how far it is), `attention` (what waits for you).

        `item` is a title whose state changed because the server told of it.
        An event `resync` says that events were lost: read everything anew. A comment comes every 15 seconds.
        """
        chosen = _parse_topics(topics)
        # What the database has to tell from before is no news for this stream.
        await news.refresh()
        if feed.streams >= MOST_STREAMS:
            detail = f"{MOST_STREAMS} streams of events are open already: close one, or try again later"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": FULL_AGAIN_SECONDS})
        woken, place = asyncio.Event(), _find_place(feed, last_event_id or since)
        return EventStream(feed, woken, _send(feed, news, woken, chosen, place, caller_of(request.scope)))

    return router


def _parse_topics(text: str) -> Collection[Topic]:
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    try:
        return {Topic(word) for word in words} or set(Topic)
    except ValueError:
        detail = f"query.topics: each is one of {', '.join(Topic)}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from None


async def _send(
    feed: Feed, news: News, woken: asyncio.Event, topics: Collection[Topic], place: int, caller: Caller
) -> AsyncIterator[str]:
    """Yield the events after the one of that number, and pings between them."""
    looks = feed.looks
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    # What a client missed may be all that is kept; later, it gets the events while they happen.
    most, ping_at = KEPT_EVENTS, time.monotonic() + PING_SECONDS
    while not feed.is_closed:
        await news.refresh()
        found, place = feed.find_after(place, topics, most=most)
        most = MOST_WAITING
        if found is None:
            yield _format(feed, place, "resync", "{}")
        elif found:
            yield "".join(_format(feed, event.number, event.topic, event.data) for event in found)
        if time.monotonic() >= ping_at or looks != feed.looks:
            looks = feed.looks
            if not await run_in_threadpool(_may_listen, caller):
                return
            ping_at = time.monotonic() + PING_SECONDS
            yield ": ping\n\n"
        await _wait(woken, ping_at - time.monotonic())


def _may_listen(caller: Caller) -> bool:
    """Return whether a stream goes on; without the database, which its client is told when it comes back, it ends."""
    try:
        return caller.is_still_valid()
    except StorageError:
        return False


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
    woken.clear()


def _find_place(feed: Feed, last_id: str) -> int:
    """Return the number of the last event that the client has; -1 if that is not known here."""
    if not last_id:
        return feed.last_number
    epoch, _, number = last_id.strip().partition("-")
    is_ours = epoch == feed.epoch and number.isascii() and number.isdigit() and len(number) < 16
    return int(number) if is_ours else -1


def _format(feed: Feed, number: int, name: str, data: str) -> str:
    return f"id: {feed.epoch}-{number}\nevent: {name}\ndata: {data}\n\n"
