"""The page of all lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.model.access import Scope
from list_sync.model.sources import FetchState
from list_sync.model.titles import counted
from list_sync.web.entrance.access import needs
from list_sync.web.models.list_shares import GROUPS, Share, find_shares, say_shares
from list_sync.web.models.lists import ListAnswer, ListRow
from list_sync.web.pages.rendering import Pages
from list_sync.web.routes.lists import find_rows
from list_sync.web.watching.source_faults import find_told_faults

PATH = "/lists"


@dataclass(frozen=True, slots=True)
class Line:
    """A list on the page: its address there, and what became of its titles."""

    list: ListRow
    path: str
    shares: tuple[Share, ...]
    words: str


def is_short(one: ListAnswer) -> bool:
    """Return whether a list that is on was not read in full, or never."""
    return one.enabled and one.state is not FetchState.COMPLETE


_SHOWN: Mapping[str, tuple[str, Callable[[ListAnswer], bool]]] = {
    "": ("All", lambda _one: True),
    "short": ("Not in full", is_short),
    "paused": ("Paused", lambda one: not one.enabled),
}


def routes(pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get(PATH)
    def lists(request: Request, show: str = "") -> Response:
        """Show all lists, each with how complete it is, how old, and what became of its titles."""
        rows = find_rows(pages.parts)
        show = show if show in _SHOWN else ""
        lines = [_build_line(one) for one in rows if _SHOWN[show][1](one)]
        tabs = [
            (pages.url(f"{PATH}?show={name}" if name else PATH), words, name == show, sum(map(is_shown, rows)))
            for name, (words, is_shown) in _SHOWN.items()
        ]
        return pages.render(
            request,
            "lists.html",
            lines=lines,
            tabs=tabs,
            show=show,
            verdict=say_verdict(rows),
            groups=GROUPS,
            faults=find_told_faults(pages.parts),
        )

    return router


def path_of(name: str) -> str:
    """Return the path of the page of a list; an address inside it stays one part of the path."""
    return f"{PATH}/{quote(name, safe=':' if '//' in name else ':/')}"


def say_verdict(lists: Sequence[ListAnswer]) -> str:
    """Return in a sentence or two how the lists were read."""
    on = [one for one in lists if one.enabled]
    if not on:
        return "No list is synced."
    short = [one for one in on if is_short(one)]
    unread = [one for one in short if one.state is None]
    if len(unread) == len(on):
        return f"{counted(len(on), 'list')}; the first sync has not read {'it' if len(on) == 1 else 'them'} yet."
    if not short:
        return f"{'The list was' if len(on) == 1 else f'All {len(on):,} lists were'} read in full."
    others = "The other says" if len(short) == 1 else f"The other {len(short):,} say"
    whose = "its" if len(short) == 1 else "their"
    full = f"{len(on) - len(short):,} of {len(on):,} were read in full"
    return f"{full}. {others} what is missing; nothing is ever removed on {whose} account."


def _build_line(one: ListRow) -> Line:
    shares = find_shares(one.titles)
    return Line(one, path_of(one.list), shares, say_shares(shares))
