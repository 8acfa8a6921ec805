"""Connections: each has a deadline for its next request, and there are not more than a small machine bears."""

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# For the first byte and the last header of a request; also how long an idle connection is kept.
HEADER_SECONDS = 10.0
# For an answer that is not read.
UNREAD_SECONDS = 30.0
MOST_CONNECTIONS = 200
# For what is still on its way when the service ends: streams end by themselves, unless their client does not read.
ENDING_SECONDS = 0.5


class Connection(H11Protocol):
    """A connection that is closed if its next request is not whole in time, or if there are too many."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._set_deadline(HEADER_SECONDS)
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what arrived; once a request has begun, the deadline is that of its answer."""
        try:
            super().data_received(data)
        except h11.LocalProtocolError:
            # What came after the request is not HTTP, and its answer has begun.
            self.transport.abort()
        if not self._is_idle() and not self.flow.write_paused:
            self._drop_deadline()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, or for the reader of this answer."""
        super().on_response_complete()
        # The next request may have come together with the last one.
        if self.cycle.response_complete:
            self._set_deadline(UNREAD_SECONDS if self.flow.write_paused else HEADER_SECONDS)

    def pause_writing(self) -> None:
        """Wait for a reader that does not read, but not for long."""
        super().pause_writing()
        self._set_deadline(UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """Go on with the answer; its end must be read soon, too."""
        if self._is_idle():
            self._set_deadline(HEADER_SECONDS)
        else:
            self._drop_deadline()
        super().resume_writing()

    def shutdown(self) -> None:
        """End with the service, in any case soon."""
        super().shutdown()
        self.loop.call_later(ENDING_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline with the connection."""
        self._drop_deadline()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        """Return whether no request waits for its answer."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        """Close the connection that waits for a request for longest; if each has one, refuse this one."""
        others = [one for one in self.connections if isinstance(one, Connection) and one is not self and one._is_idle()]
        until = {one: one._deadline.when() for one in others if one._deadline is not None}
        closed = min(until, key=until.__getitem__, default=self)
        # It stays in the set for a moment, and the next new connection must choose another one.
        closed._drop_deadline()
        closed.transport.abort()

    def _set_deadline(self, seconds: float) -> None:
        self._drop_deadline()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


PROTOCOL = cast(type[asyncio.Protocol], Connection)
