"""A clock that tests move: the time of day, which can be set, and the steady seconds, which only go on."""

import datetime as real
from types import SimpleNamespace


class FakeClock:
    """Starts at a moment; `install` makes the `schedule` library go by it too."""

    def __init__(self, start):
        self.moment = start.astimezone(real.UTC)
        self.seconds = 1_000.0

    def now(self):
        return self.moment

    def steady(self):
        return self.seconds

    def pass_by(self, **duration):
        """Let time go by."""
        duration = real.timedelta(**duration)
        self.moment += duration
        self.seconds += duration.total_seconds()

    def set_by(self, **duration):
        """Set the clock on the wall."""
        self.moment += real.timedelta(**duration)

    def install(self, monkeypatch):
        clock = self

        class Now(real.datetime):
            @classmethod
            def now(cls, tz=None):
                local = clock.moment.astimezone(tz)
                return local if tz else local.replace(tzinfo=None)

        fake = SimpleNamespace(datetime=Now, timedelta=real.timedelta, time=real.time)
        monkeypatch.setattr("schedule.datetime", fake)
        return self
