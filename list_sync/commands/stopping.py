"""SIGTERM and Ctrl-C: the first asks the work to stop and sees to it that the process ends, the second ends it at once.

A thread listens for signals, because the main thread may be stuck in a call that Python cannot interrupt. To leave is
safe at any moment: what was sent is in the journal and is looked for at the next start.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from list_sync.errors import SyncCancelled

# Docker kills 10 seconds after its SIGTERM, and we promise to be gone within 8.
BREAK_OFF_AFTER_SECONDS = 5.0
GIVE_UP_AFTER_SECONDS = 6.5
# A thread pool that is left waits for its threads, so that one blow is not always enough.
BLOW_SECONDS = 0.25
SETTLING_SECONDS = 1.0
# Enough to print a report; Python itself would wait for every look-up that was left behind.
LAST_WORDS_SECONDS = 1.0
# What the shell adds to the number of the signal that ended a process.
SIGNAL_EXIT_BASE = 128
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
OVER = 0


class Stopping:
    """The stop event of a command, and the signal that set it, if one did.

    `at_the_last` is called from another thread when the work did not end in time.
    """

    def __init__(self, *, exit_code: int | None = None) -> None:
        self.event = threading.Event()
        self.signal: int | None = None
        self.at_the_last: Callable[[], None] = _nothing
        self._exit_code = exit_code
        self._may_break_off = False
        self._ear, self._mouth = os.pipe()
        os.set_blocking(self._mouth, False)
        self._listener = threading.Thread(target=self._listen, name="signals", daemon=True)

    def exit_code(self, otherwise: int) -> int:
        """Return the exit code of a command that a signal stopped, or else the given one."""
        if self.signal is None:
            return otherwise
        return SIGNAL_EXIT_BASE + self.signal if self._exit_code is None else self._exit_code

    @contextmanager
    def breakable(self) -> Iterator[None]:
        """Allow that what happens inside, on the main thread, is ended by SyncCancelled wherever it is."""
        self._may_break_off = True
        try:
            yield
        finally:
            self._may_break_off = False

    def start(self) -> None:
        """Take over the signals; only the main thread may call this."""
        self._wakeup_before = signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _ignore) for number in STOP_SIGNALS}
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_blow)
        self._listener.start()
        # The container's entrypoint keeps a SIGTERM back that comes before somebody listens.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def end(self) -> None:
        """Give the signals back; after a stop, end the process soon, whatever threads were left behind."""
        os.write(self._mouth, bytes([OVER]))
        if self.signal is not None:
            return
        self._listener.join()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        for end in (self._ear, self._mouth):
            os.close(end)

    def _listen(self) -> None:
        heard = self._hear(None)
        if heard == OVER:
            return
        self.signal = heard
        self.event.set()
        if self._is_over_in_time():
            self._hear(LAST_WORDS_SECONDS)
        else:
            settling = threading.Thread(target=self.at_the_last, daemon=True)
            settling.start()
            settling.join(SETTLING_SECONDS)
        os._exit(self.exit_code(0))

    def _is_over_in_time(self) -> bool:
        asked = time.monotonic()
        pause = BREAK_OFF_AFTER_SECONDS
        while time.monotonic() - asked < GIVE_UP_AFTER_SECONDS:
            heard = self._hear(pause)
            if heard is not None:
                return heard == OVER
            pause = BLOW_SECONDS
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
        return False

    def _hear(self, seconds: float | None) -> int | None:
        """Return the next thing that happens: a stop signal, or OVER; None if nothing does."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._ear], [], [], left)[0]:
                return None
            heard = os.read(self._ear, 1)[0]
            if heard in STOP_SIGNALS and self.signal is not None:
                os._exit(SIGNAL_EXIT_BASE + heard)
            if heard == OVER or heard in STOP_SIGNALS:
                return heard

    def _on_blow(self, _number: int, _frame: FrameType | None) -> None:
        if self._may_break_off:
            raise SyncCancelled("stopped while waiting for an answer")


@contextmanager
def stopped_by_signals(*, exit_code: int | None = None) -> Iterator[Stopping]:
    """Give a stop event that SIGINT and SIGTERM set; `exit_code` is the shell's 130 and 143 unless it is given.

    Only the main thread may call this.
    """
    stopping = Stopping(exit_code=exit_code)
    stopping.start()
    try:
        yield stopping
    finally:
        stopping.end()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Leave it to the listener; without a handler of Python's the signal would end the process."""


def _nothing() -> None:
    """Stand in for what has nothing to do."""
