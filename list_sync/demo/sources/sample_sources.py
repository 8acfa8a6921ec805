"""Sample sources on loopback: IMDb, MDBList and Trakt in their true shapes, with faults on demand.

As a process of its own: `python -m list_sync.demo.sources.sample_sources --port 0`.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from list_sync.demo.catalogue.catalogue import Catalogue, load_catalogue
from list_sync.demo.server.calls.answers import Answer, ConnectionDropped, Refusal, html_answer
from list_sync.demo.server.calls.connection import HOST, POLL_SECONDS
from list_sync.demo.server.calls.dispatch import Incoming
from list_sync.demo.sources import imdb as source_imdb
from list_sync.demo.sources import mdblist as source_mdblist
from list_sync.demo.sources import trakt as source_trakt
from list_sync.demo.sources.demo_lists import DemoLists, build_demo_lists
from list_sync.demo.sources.faults import SourceFaults, find_answer_of, spoil
from list_sync.demo.sources.listener import SourceListener
from list_sync.demo.sources.lists import Library, SourceEntry, SourceList
from list_sync.demo.sources.visit import Question, Visit

__all__ = ["SampleSources", "SourceCall", "SourceEntry"]

CLOSING_SECONDS = 0.5
# Name -> first part of the path. Trakt's charts are kept apart from its lists, but have the same address.
PATHS = {"imdb": "imdb", "mdblist": "mdblist", "trakt": "trakt", "trakt_special": "trakt"}


class SourceCall(NamedTuple):
    """One call; the status is 0 if the connection was dropped."""

    source: str
    method: str
    path: str
    query: str
    status: int


class SampleSources:
    """The sources with the demo's own lists, started as a context manager or by `start`."""

    def __init__(self, port: int = 0, catalogue: Catalogue | None = None) -> None:
        self._port = port
        self._demo: DemoLists = build_demo_lists(catalogue if catalogue is not None else load_catalogue())
        self._library = Library()
        for content in self._demo.lists:
            self._library.add(content)
        self._faults = SourceFaults()
        self._calls: list[SourceCall] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._listener: SourceListener | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> SampleSources:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def root_url(self) -> str:
        """Return the address of the server; its port stays the same after stop and start."""
        return f"http://{HOST}:{self._port}"

    def url(self, source: str) -> str:
        """Return the base address of a source."""
        return f"{self.root_url}/{PATHS[source]}"

    @property
    def calls(self) -> list[SourceCall]:
        """Return the calls since the last reset, oldest first."""
        with self._lock:
            return list(self._calls)

    def reset_calls(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()

    def add_list(
        self, source: str, list_id: str, items: Sequence[SourceEntry], *, private: bool = False, name: str = ""
    ) -> None:
        """Add a list, or replace the list with the same id; entries are read when a page is requested.

        Ids are those of the lists' settings: ls…, ur…, p.… and chart names for imdb; user/slug, numbers, watchlist
        and external/NUMBER for mdblist; user/slug, user/watchlist and numbers for trakt; kind:movies and kind:shows
        for trakt_special.
        """
        self._library.add(SourceList(_known(source), list_id, items, private, name))
        user_id = source_imdb.user_id_of(list_id)
        if source == "imdb" and user_id != list_id:
            self._library.add(SourceList(source, user_id, items, private, name))

    def remove_list(self, source: str, list_id: str) -> None:
        """Remove a list; raise KeyError if there is none."""
        self._library.remove(source, list_id)

    def fault(self, source: str, list_id: str, text: str) -> None:
        """Make one list fail, or all lists of a source with "*"; the list's own fault counts first."""
        for name in {list_id, source_imdb.user_id_of(list_id)}:
            self._faults.add(_known(source), name, text)

    def clear_faults(self) -> None:
        """Make everything work again."""
        self._faults.clear()

    def environment(self, folder: Path | None = None) -> dict[str, str]:
        """Return the settings for reading the demo's own lists.

        With `folder`, the drop folder, the files of the demo are written into it and listed too.
        """
        settings = {f"{source.upper()}_BASE_URL": self.url(source) for source in PATHS}
        settings |= self._demo.settings(with_files=folder is not None)
        settings |= {"MDBLIST_API_KEY": source_mdblist.API_KEY, "TRAKT_CLIENT_ID": source_trakt.CLIENT_ID}
        if folder is not None:
            self._demo.write_files(folder)
        return settings

    def start(self) -> None:
        """Listen; the port is known afterwards."""
        self._stopped.clear()
        self._listener = SourceListener(self._port, self._answer)
        self._port = self._listener.server_address[1]
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(POLL_SECONDS,), name="sample sources", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and drop every connection; `start` listens again on the same port."""
        self._stopped.set()
        listener, self._listener = self._listener, None
        if listener is None or self._thread is None:
            return
        listener.shutdown()
        listener.server_close()
        listener.drop_connections()
        listener.wait_until_closed(CLOSING_SECONDS)
        self._thread.join()

    def _answer(self, incoming: Incoming) -> Answer:
        visit = Visit.of(incoming)
        source, status = visit.source, 0
        try:
            question = _read_question(visit)
            source = question.source
            answer = self._serve(question)
            status = answer.status
        except Refusal as refusal:
            answer = refusal.answer
            status = answer.status
        finally:
            with self._lock:
                self._calls.append(SourceCall(source, visit.method, incoming.path, incoming.query, status))
        return answer

    def _serve(self, question: Question) -> Answer:
        source, list_id = question.source, question.list_id
        fault = self._faults.find(source, list_id)
        if fault is not None and fault.kind == "slow" and self._stopped.wait(fault.value):
            raise ConnectionDropped
        answer = find_answer_of(fault, question.start)
        if answer is None:
            content = self._library.find(source, list_id)
            if content is not None and fault is not None and fault.kind == "private":
                content = SourceList(source, list_id, content.items, is_private=True)
            answer = spoil(question.answer(content, fault), fault)
        return answer


def _known(source: str) -> str:
    if source not in PATHS:
        raise ValueError(f"unknown source: {source}")
    return source


def _read_question(visit: Visit) -> Question:
    if visit.source == "imdb":
        return source_imdb.read_question(visit)
    if visit.source == "mdblist":
        return source_mdblist.read_question(visit)
    if visit.source == "trakt":
        return source_trakt.read_question(visit)
    raise Refusal(html_answer(404))


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m list_sync.demo.sources.sample_sources", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with SampleSources(port=options.port) as sources:
        sys.stdout.write(f"listening {sources.root_url}\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
