"""The users of the server, for forms that name one: asked rarely, and only while the server answers."""

import threading
import time
from collections.abc import Callable
from contextlib import closing

from list_sync.errors import ConfigError, ServiceError
from list_sync.web.parts import Parts
from list_sync.web.watching.server_watch import Health

_ASK_AGAIN_SECONDS = 600.0


class People:
    """The names of the users; none while the server does not tell."""

    def __init__(self, parts: Parts, now: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._now = now
        self._lock = threading.Lock()
        self._names: tuple[str, ...] = ()
        self._asked_at: float | None = None

    def find(self) -> tuple[str, ...]:
        """Return the name of each user that only one of them has, and else the number."""
        sight = self._parts.server.find_last()
        if sight is None or sight.check.health is not Health.HEALTHY:
            return self._names
        with self._lock:
            if self._asked_at is None or self._now() - self._asked_at >= _ASK_AGAIN_SECONDS:
                self._names, self._asked_at = self._ask(), self._now()
        return self._names

    def _ask(self) -> tuple[str, ...]:
        try:
            with closing(self._parts.open_client()) as client:
                users = client.fetch_users()
        except (ServiceError, ConfigError):
            return self._names
        names = [user.name for user in users]
        return tuple(user.name if names.count(user.name) == 1 else str(user.user_id) for user in users)
