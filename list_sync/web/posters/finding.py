"""Finds the poster of a title: kept, or read from the server by what is stored of the title."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum

from list_sync.api.mediaserver.images import ImageProxy
from list_sync.errors import ListSyncError, ServiceUnavailable, StorageError
from list_sync.model.titles import TitleKey
from list_sync.storage.posters import PosterFacts, find_poster
from list_sync.web.parts import Parts
from list_sync.web.posters.shelf import Shelf

logger = logging.getLogger(__name__)

MISSING_SECONDS = 3600.0
# After a server that does not answer, it is left alone for this time.
DOWN_SECONDS = 60.0
MOST_REMEMBERED = 10_000


class Width(IntEnum):
    """The widths of TMDB's posters that pages use."""

    SMALL = 185
    LARGE = 342


@dataclass(frozen=True, slots=True)
class Poster:
    """A poster; without `content` it is to be drawn for the title. `is_old` if it was read long ago."""

    title: str = ""
    content: bytes | None = None
    is_old: bool = False


class Posters:
    """The posters of all titles; remembers for a while which have none, and that the server does not answer."""

    def __init__(self, parts: Parts, *, shelf: Shelf | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._shelf = shelf or Shelf(parts.folder)
        self._now = now
        self._lock = threading.Lock()
        self._missing: OrderedDict[TitleKey, tuple[float, str]] = OrderedDict()
        self._down_until = 0.0
        self._proxy: ImageProxy | None = None

    def find_kept(self, key: TitleKey, width: Width) -> Poster | None:
        """Return a poster that needs no other program, or that there is none; None if the server has to be asked."""
        if content := self._shelf.find(_name(key, width)):
            return Poster(content=content)
        with self._lock:
            until, title = self._missing.get(key, (0.0, ""))
        return Poster(title) if until > self._now() else None

    def fetch(self, key: TitleKey, width: Width) -> Poster:
        """Return a poster of the server, or one that was kept long ago; errors become a missing poster."""
        facts = None
        try:
            with self._parts.store.reading() as connection:
                facts = find_poster(connection, self._parts.store.household, key)
            if facts is not None and self._down_until <= self._now():
                facts, content = self._ask(key, facts, width)
                if content:
                    self._shelf.keep(_name(key, width), content)
                    return Poster(facts.title, content)
                self._note_missing(key, facts.title)
        except StorageError as error:
            logger.debug("the poster of %s was not looked up: %s", key, error)
        except ServiceUnavailable as error:
            self._down_until = self._now() + DOWN_SECONDS
            logger.debug("posters are not read for a while: %s", error)
        except ListSyncError as error:
            self._note_missing(key, facts.title if facts else "")
            logger.debug("the poster of %s was not read: %s", key, error)
        old = self._shelf.find(_name(key, width), is_old_enough=True)
        return Poster(facts.title if facts else "", old, is_old=True)

    def _ask(self, key: TitleKey, facts: PosterFacts, width: Width) -> tuple[PosterFacts, bytes | None]:
        """Return the poster; a title whose page was never read is looked up at the server."""
        if facts.path is None:
            with closing(self._parts.open_client()) as client:
                details = client.find_details(*key)
            facts = PosterFacts(facts.title, details.poster_path if details else None)
        return facts, self._find_proxy().fetch(facts.path, width) if facts.path else None

    def _find_proxy(self) -> ImageProxy:
        if self._proxy is None:
            self._proxy = ImageProxy(self._parts.settings.household.overseerr_url or "")
        return self._proxy

    def _note_missing(self, key: TitleKey, title: str) -> None:
        with self._lock:
            self._missing[key] = (self._now() + MISSING_SECONDS, title)
            self._missing.move_to_end(key)
            if len(self._missing) > MOST_REMEMBERED:
                self._missing.popitem(last=False)


def _name(key: TitleKey, width: Width) -> str:
    return f"{key[0].value}-{key[1]}-{width:d}"
