"""Connections: each has a deadline for its next request, and there are not more than a small machine bears."""

import asyncio
from typing import Any, cast

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
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._set_deadline(HEADER_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take what arrived; once a request has begun, the deadline is that of its answer."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._drop_deadline()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        # The next request may have come together with the last one.
        if not self.transport.is_closing() and self.cycle.response_complete:
            self._set_deadline(HEADER_SECONDS)

    def pause_writing(self) -> None:
        """Wait for a reader that does not read, but not for long."""
        super().pause_writing()
        self._set_deadline(UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """Go on with the answer."""
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

    def _set_deadline(self, seconds: float) -> None:
        self._drop_deadline()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


PROTOCOL = cast(type[asyncio.Protocol], Connection)
