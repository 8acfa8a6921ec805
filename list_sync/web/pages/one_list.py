"""The page of one list: how it was read, what it wants, and what became of its titles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from list_sync.errors import InvalidListId
from list_sync.model.access import Scope
from list_sync.model.facets import TitleFilter
from list_sync.model.sources import AttemptOutcome, FetchState, ListRef
from list_sync.model.titles import counted
from list_sync.providers import available_providers, get_provider
from list_sync.storage.title_filter import select_titles
from list_sync.storage.title_pages import find_title_page
from list_sync.web.entrance.access import needs
from list_sync.web.models.items import Item, build_item
from list_sync.web.models.list_shares import find_shares, say_shares
from list_sync.web.models.lists import ListDetails
from list_sync.web.pages.lists import PATH, path_of
from list_sync.web.pages.phrases import say_length
from list_sync.web.pages.rendering import Pages
from list_sync.web.parts import Parts
from list_sync.web.routes.list_edits import find_parent
from list_sync.web.routes.lists import get_named
from list_sync.web.watching.source_faults import find_told_faults

# The first titles; the page of all of them has the rest.
_MOST_TITLES = 25
OUTCOMES: Mapping[AttemptOutcome, tuple[str, str, str]] = {
    AttemptOutcome.SERVED: ("ok", "check", "It gave the list."),
    AttemptOutcome.PARTIAL: ("wait", "partial", "It gave a part of the list."),
    AttemptOutcome.UNPROVEN: ("wait", "partial", "It gave titles, and nothing shows that these are all."),
    AttemptOutcome.BLOCKED: ("bad", "blocked", "It was blocked."),
    AttemptOutcome.PRIVATE: ("bad", "lock", "The list is private."),
    AttemptOutcome.MISSING: ("idle", "search", "It does not have the list."),
    AttemptOutcome.NEEDS_KEY: ("idle", "key", "It needs a key or a log-in."),
    AttemptOutcome.NEEDS_VIP: ("bad", "lock", "It needs a paying account."),
    AttemptOutcome.RATE_LIMITED: ("wait", "slow", "It asked for fewer requests."),
    AttemptOutcome.DRIFTED: ("bad", "alert", "Its answer was not understood."),
    AttemptOutcome.DOWN: ("bad", "offline", "It did not answer."),
    AttemptOutcome.REFUSED: ("bad", "failed", "It refused."),
    AttemptOutcome.SKIPPED: ("idle", "skipped", "It was not tried."),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a list is not complete: what happened, what was kept, and what settles it."""

    tone: str
    icon: str
    head: str
    text: str
    act: str = ""
    path: str = ""


def routes(pages: Pages) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(dependencies=[needs(Scope.READ)])

    @router.get(PATH + "/{name:path}")
    def one_list(name: str, request: Request) -> Response:
        """Show one list."""
        ref, found = get_named(pages.parts, name)
        shares, parent = find_shares(found.titles), find_parent(pages.parts, ref)
        return pages.render(
            request,
            "list.html",
            one=found,
            path=path_of(parent.name if parent else found.list),
            parent=parent.label if parent else "",
            shares=shares,
            words=say_shares(shares),
            trouble=say_trouble(found),
            faults=[one.text for one in find_told_faults(pages.parts) if found.list in one.fault.lists],
            titles=_find_titles(pages.parts, ref),
            outcomes=OUTCOMES,
            terms=say_source_terms(found.list.partition(":")[0]),
        )

    return router


def say_trouble(one: ListDetails) -> Trouble | None:
    """Return why a list is not complete; None if it is, or was not read yet."""
    if not one.enabled:
        text = "It is not read. What it requested stays as it is, and titles that only this list wants are left alone."
        return Trouble("idle", "pause", "This list is paused", text, "Resume", f"{path_of(one.list)}/change?do=resume")
    if one.state in (None, FetchState.COMPLETE):
        return None
    act, path = _find_act(one)
    reason = _as_sentence(one.reason)
    read = counted(one.items or 0, "title")
    if one.state is FetchState.FAILED:
        kept = "Titles that it had before stay as they are: none of them is removed on its account."
        return Trouble("bad", "failed", "The list was not read", f"{reason}{kept}", act, path)
    if one.state is FetchState.STALE:
        age = f" of {say_length(one.age_seconds)} ago" if one.age_seconds is not None else ""
        kept = f"The last good copy with {read} is used instead; what the source changed since is not known."
        return Trouble("wait", "stale", f"A copy{age} is used", f"{reason}{kept}", act, path)
    entries = (one.items or 0) + one.unsupported + one.not_understood
    missing = (one.expected or 0) - entries
    others = f"The missing {missing:,} count" if missing > 0 else "Others count"
    kept = f"What was read is used. {others} as not known: no title is removed, or marked as not found, on its account."
    head = f"{entries:,} of {counted(one.expected, 'entry', 'entries')}" if one.expected else read
    verb = "was" if head == "1 title" else "were"
    return Trouble("wait", "partial", f"{head} {verb} read", f"{reason}{kept}", act, path)


def say_source_terms(provider: str) -> str:
    """Return in a sentence what the terms of a source say; "" for a source of which that is not known."""
    try:
        terms = get_provider(provider).terms
        if terms.startswith("as for "):
            provider = terms.removeprefix("as for ")
            terms = get_provider(provider).terms
    except InvalidListId:
        return ""
    return f"The terms of {provider} in short: {terms}." if terms else ""


def _find_act(one: ListDetails) -> tuple[str, str]:
    """Return what settles a trouble, and its page: the setting that the reason names."""
    info = available_providers().get(one.list.partition(":")[0])
    told = " ".join((one.reason or "", *(attempt.reason for attempt in one.attempts)))
    setting = next((name for name in (info.credentials if info else ()) if re.search(rf"\b{name}\b", told)), "")
    return (f"Set {setting}", f"/settings/{setting}") if setting else ("", "")


def _as_sentence(reason: str | None) -> str:
    if not reason:
        return ""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}. "


def _find_titles(parts: Parts, ref: ListRef) -> list[Item]:
    with parts.store.reading() as connection:
        selection = select_titles(connection, parts.store.household, TitleFilter(lists=(ref.key,)), now=parts.now())
        page = find_title_page(connection, selection, limit=_MOST_TITLES)
    return [build_item(record) for record in page.records]
