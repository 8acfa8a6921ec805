"""What pause_when holds back: many pending requests, little free space; read only if there is something to request."""

from collections.abc import Callable, Iterable, Mapping

from list_sync.api.sources.arr_library import fetch_free_space
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.errors import ServiceError
from list_sync.model.limits import Target, shown_size
from list_sync.model.policy import PauseWhen
from list_sync.model.titles import MediaType


class Pauses:
    """What pause_when holds back in one run; `count_pending` asks the server how many requests are pending."""

    def __init__(
        self, pause_when: PauseWhen, *, arrs: Mapping[MediaType, ArrServer], count_pending: Callable[[], int]
    ) -> None:
        self._pause_when = pause_when
        self._arrs = arrs
        self._count_pending = count_pending
        # The number at the beginning of the run.
        self.pending = 0
        self._full = ""
        self._spaces: dict[MediaType, Mapping[str, int]] = {}

    def find_pauses(self, targets: Iterable[Target]) -> dict[Target, str]:
        """Return why requests to some places wait."""
        pending = self._describe_pending(self.pending)
        found = {target: pending or self._describe_space(target) for target in targets}
        return {target: reason for target, reason in found.items() if reason}

    def find_reason_to_wait(self) -> str | None:
        """Return why the next request has to wait, if too many are pending since the plan was made.

        Once too many are, the rest of the run waits, and the server is not asked for each of its titles.
        """
        if self._pause_when.pending is None:
            return None
        self._full = self._full or self._describe_pending(self._count_pending())
        return self._full or None

    def _describe_pending(self, pending: int) -> str:
        most = self._pause_when.pending
        if most is None or pending < most:
            return ""
        return (
            f"pause_when.pending={most}: {pending} requests are pending on the server; "
            "its turn comes when fewer of them are"
        )

    def _describe_space(self, target: Target) -> str | None:
        kind, folder = target
        least, arr = self._pause_when.free_space_bytes, self._arrs.get(kind)
        if least is None or arr is None:
            return None
        needed = f"pause_when.free_space={shown_size(least)}"
        try:
            free = self._find_free_space(kind, folder, arr)
        except ServiceError as error:
            return f"{needed}: {arr.title} does not say how much is free, {error}; its turn comes when it does"
        if free is None or free[1] >= least:
            return None
        place, space = free
        return f"{needed}: {shown_size(space)} are free in {place} of {arr.title}; its turn comes when more is free"

    def _find_free_space(self, kind: MediaType, folder: str | None, arr: ArrServer) -> tuple[str, int] | None:
        """Return the folder of a request and its free space; without a known folder, the one with the least."""
        if kind not in self._spaces:
            self._spaces[kind] = fetch_free_space(arr)
        spaces = self._spaces[kind]
        path = (folder or "").rstrip("/\\")
        if path in spaces:
            return path, spaces[path]
        return min(spaces.items(), key=lambda space: space[1], default=None)
