"""A stream for lines that never blocks its writer."""

import os
import select
import sys
from typing import TextIO

# How long to wait for a reader that does not read, before lines are dropped.
PATIENCE_SECONDS = 2.0


class Outlet:
    """A stream that drops lines instead of blocking, when its reader is stuck or gone.

    Docker stops reading output when its log driver is stuck, and writing to a full pipe never returns.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.lost = 0
        self._stream = stream
        self._rest = b""
        self._patience_seconds = PATIENCE_SECONDS

    def write(self, text: str, *, to_be_missed: int) -> None:
        """Write lines; if they cannot be written, add `to_be_missed` to the number of lost lines."""
        stream = self._stream or sys.stdout
        encoding = getattr(stream, "encoding", None) or "utf-8"
        content = text.encode(encoding, "backslashreplace")
        try:
            stream.flush()
            descriptor = _find_descriptor(stream)
            if descriptor is None:
                stream.write(content.decode(encoding))
                stream.flush()
                return
            is_taken = self._send(descriptor, content)
        except (OSError, ValueError, AttributeError):
            # The reader is gone, the disk is full, or the stream was closed before the start (None): a sync goes on.
            is_taken = False
        self.lost = 0 if is_taken else self.lost + to_be_missed

    def _send(self, descriptor: int, content: bytes) -> bool:
        """Send the rest of the last line and then `content`; keep the rest of a line that was sent in part."""
        outgoing = self._rest + content
        begun = len(self._rest)
        try:
            while outgoing:
                if not self._is_ready(descriptor):
                    return False
                sent = os.write(descriptor, outgoing[: select.PIPE_BUF])
                outgoing, begun = outgoing[sent:], max(0, begun - sent)
        finally:
            self._rest = outgoing[:begun] if begun else _rest_of_line(content, outgoing)
        return True

    def _is_ready(self, descriptor: int) -> bool:
        # A pipe that is ready takes PIPE_BUF bytes without blocking (pipe(7)).
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        is_ready = bool(poll.poll(self._patience_seconds * 1000))
        # Wait once; while the stream is stuck, only check it, until it takes something again.
        self._patience_seconds = PATIENCE_SECONDS if is_ready else 0.0
        return is_ready


def _find_descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None


def _rest_of_line(content: bytes, outgoing: bytes) -> bytes:
    """Return the rest of the line that was sent in part, which must not be dropped."""
    is_at_start = len(outgoing) == len(content) or content[: len(content) - len(outgoing)].endswith(b"\n")
    return b"" if is_at_start else outgoing[: outgoing.index(b"\n") + 1]
