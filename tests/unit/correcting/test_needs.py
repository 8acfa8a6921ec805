"""What needs a person, in words: every cause, its order, and lists by their cause."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.correcting.list_needs import Reading
from list_sync.correcting.needs import NeedKind, Situation, find_needs
from list_sync.correcting.source_faults import ToldFault
from list_sync.model.attention import Attention, FailedRequests
from list_sync.model.report import SyncMode
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState
from list_sync.storage.source_faults import SourceFault
from list_sync.web.models.overview import say_verdict
from tests.builders import NOON

WHOLE = Reading("imdb:top", "Top", FetchState.COMPLETE, 250, 250, 250)
WELL = Situation(NOON, readings=[WHOLE])
FAILED_RUN = Run(
    **{"run_id": 412, "asked_at": NOON, "started_at": NOON, "finished_at": NOON, "mode": SyncMode.MANUAL},
    **{"status": RunStatus.FAILED, "dry_run": False, "error": "the disk is full", "exit_code": 1},
    **dict.fromkeys(("items_processed", "items_requested", "items_skipped", "items_errored"), 0),
    **dict.fromkeys(("reads", "writes", "lists_total", "lists_failed"), 0),
)


def a_reading(state, outcome, reason="", name="plex:watchlist", **more):
    return Reading(name, name, state, attempts=[Attempt("api", outcome)], reason=reason, **more)


def only(**changes):
    (need,) = find_needs(replace(WELL, **changes))
    return need


def test_nothing_needs_a_person_where_all_is_well():
    assert find_needs(WELL) == ()
    assert say_verdict(()) == "Nothing needs you."


@pytest.mark.parametrize(
    ("changes", "kind", "path"),
    [
        ({"database": "the disk of /data is full"}, NeedKind.DATABASE, "/runs?tab=log"),
        ({"stall": "no list was read for an hour"}, NeedKind.STALLED, "/runs?tab=log"),
        ({"has_server": False}, NeedKind.NO_SERVER, "/start"),
        ({"key_refused": "401"}, NeedKind.KEY_REFUSED, "/settings/OVERSEERR_API_KEY"),
        ({"server_down": "no route to host"}, NeedKind.SERVER_DOWN, "/settings#server"),
        ({"files": "lists.yaml, line 4: caps is no number"}, NeedKind.FILES, "/lists"),
        ({"last_run": FAILED_RUN}, NeedKind.RUN_FAILED, "/runs/412"),
        ({"last_run": replace(FAILED_RUN, status=RunStatus.INTERRUPTED)}, NeedKind.RUN_FAILED, "/runs/412"),
        ({"late": "2 days"}, NeedKind.LATE, "/runs"),
        ({"readings": []}, NeedKind.NO_LIST, "/add"),
        ({"attention": Attention(vanished=38)}, NeedKind.RESET, "/reset"),
        ({"attention": Attention(braked=140)}, NeedKind.BRAKE, "/plan"),
        ({"attention": Attention(to_review=1)}, NeedKind.REVIEW, "/review"),
        ({"failed": [FailedRequests("no folder", 1, 7, "Detour (1945)")]}, NeedKind.REQUEST_FAILED, "/items/7"),
        (
            {"failed": [FailedRequests("no folder", 12, 7, "Detour")]},
            NeedKind.REQUEST_FAILED,
            "/items?state=request_failed",
        ),
    ],
    ids=lambda value: value.value if isinstance(value, NeedKind) else "",
)
def test_each_cause_is_one_need_with_the_place_that_settles_it(changes, kind, path):
    need = only(**changes)

    assert (need.kind, need.path) == (kind, path)
    assert not need.head[0].islower()
    assert need.text.endswith(".")
    assert need.act


def test_a_failed_run_is_no_need_of_its_own_while_the_server_does_not_answer():
    assert only(last_run=FAILED_RUN, server_down="no answer", late="3 days").kind is NeedKind.SERVER_DOWN


def test_the_worst_comes_first():
    needs = find_needs(
        replace(
            WELL,
            attention=Attention(to_review=2),
            server_down="no answer",
            readings=[
                a_reading(FetchState.STALE, AttemptOutcome.DOWN),
                a_reading(FetchState.FAILED, AttemptOutcome.DOWN),
            ],
        )
    )

    assert [need.kind for need in needs] == [
        NeedKind.SERVER_DOWN,
        NeedKind.LIST_FAILED,
        NeedKind.REVIEW,
        NeedKind.LIST_STALE,
    ]
    assert say_verdict(needs) == "Nothing can be requested now: the server does not answer. Three more things need you."
    assert say_verdict(needs[1:]) == "Three things need you. Everything else is in order."
    assert say_verdict(needs[1:2]) == "One thing needs you. Everything else is in order."


def test_titles_that_fail_for_many_reasons_are_told_together():
    need = only(failed=[FailedRequests(f"reason {number}", 5 - number, number, "Film") for number in range(5)])

    assert need.head == "15 titles could not be requested"
    assert "most often: Reason 0." in need.text


@pytest.mark.parametrize(
    ("outcome", "head"),
    [
        (AttemptOutcome.BLOCKED, "plex:watchlist is blocked by the site"),
        (AttemptOutcome.PRIVATE, "plex:watchlist is private"),
        (AttemptOutcome.MISSING, "plex:watchlist is not found"),
        (AttemptOutcome.NEEDS_VIP, "plex:watchlist is only for paying users of the source"),
        (AttemptOutcome.RATE_LIMITED, "plex:watchlist is limited by the source for a while"),
        (AttemptOutcome.DRIFTED, "plex:watchlist is in a form that is not understood"),
        (AttemptOutcome.DOWN, "plex:watchlist could not be read"),
    ],
)
def test_a_list_that_failed_is_told_by_its_cause(outcome, head):
    need = only(readings=[a_reading(FetchState.FAILED, outcome, "what the source said (PLEX_LISTS)")])

    assert (need.head, need.path) == (head, "/lists/plex:watchlist")
    assert need.text == "What the source said (PLEX_LISTS). Nothing is removed because of it."


def test_a_refused_or_missing_setting_leads_to_that_setting():
    refused = a_reading(FetchState.FAILED, AttemptOutcome.NEEDS_KEY, "PLEX_TOKEN was refused, copy it (PLEX_LISTS)")
    missing = a_reading(FetchState.FAILED, AttemptOutcome.NEEDS_KEY, "JELLYFIN_USER is not set", "jellyfin:favorites")

    heads = {need.path: need.head for need in find_needs(replace(WELL, readings=[refused, missing]))}

    assert heads == {
        "/settings/PLEX_TOKEN": "PLEX_TOKEN was refused by plex",
        "/settings/JELLYFIN_USER": "jellyfin:favorites cannot be read without JELLYFIN_USER",
    }


def test_lists_with_one_cause_are_told_once_with_what_stands_in():
    copies = [
        a_reading(
            FetchState.STALE,
            AttemptOutcome.DOWN,
            f"HTTP 503; the copy of 2026-11-{day} stands in",
            f"trakt:joe/{day}",
            items=20,
            copied_at=NOON - timedelta(days=30 - day),
        )
        for day in (27, 28)
    ]

    assert only(readings=copies).head == "2 trakt lists could not be read"
    assert only(readings=copies).text == (
        "HTTP 503. Their copies stand in (40 titles), the oldest of 3 days ago; nothing is removed."
    )
    assert (
        only(readings=copies[:1]).text == "HTTP 503. Its copy of 3 days ago stands in (20 titles); nothing is removed."
    )


def test_lists_read_in_part_are_told_one_by_one_with_what_is_missing():
    part = a_reading(
        FetchState.PARTIAL, AttemptOutcome.PARTIAL, "page 5 was blocked", items=110, entries=112, expected=148
    )
    open_end = replace(part, name="rss:feed", label="Feed", expected=None)

    known, unknown = find_needs(replace(WELL, readings=[part, open_end]))

    assert known.head == "plex:watchlist gave 112 of 148 entries"
    assert known.text == "Page 5 was blocked. The 112 are used; the missing 36 count as not known, not as gone."
    assert unknown.head == "Feed gave 110 titles, and no proof that these are all"


def test_a_name_of_a_list_cannot_lead_to_another_page():
    need = only(readings=[a_reading(FetchState.FAILED, AttemptOutcome.DOWN, "no", "url:https://x/?a=1#b")])

    assert need.path == "/lists/url:https://x/%3Fa%3D1%23b"


def told(outcome, *lists, provider="imdb", text="imdb changed its form."):
    fault = SourceFault(provider, "graphql", outcome, NOON, lists, len(lists))
    return ToldFault(fault, text)


def test_a_source_that_changed_is_told_with_its_lists_or_alone_if_they_are_read_in_another_way():
    drifted = told(AttemptOutcome.DRIFTED, "imdb:ls1")
    failed = a_reading(FetchState.FAILED, AttemptOutcome.DRIFTED, "no edges", name="imdb:ls1")

    with_its_list = only(readings=[failed], faults=[drifted])
    alone = only(faults=[drifted])

    assert (with_its_list.kind, with_its_list.text.endswith("imdb changed its form.")) == (NeedKind.LIST_FAILED, True)
    assert (alone.kind, alone.text) == (NeedKind.SOURCE, "imdb changed its form.")
    assert alone.head == "imdb does not give its lists by graphql"
    assert find_needs(replace(WELL, faults=[told(AttemptOutcome.DOWN, "imdb:ls1")])) == ()


def test_odd_lists_are_named_and_not_their_source():
    one, two = (told(AttemptOutcome.DRIFTED, *names) for names in (("imdb:ls1",), ("imdb:ls1", "imdb:ls2")))
    odd = [ToldFault(replace(one.fault, tried=3, working=1), "odd") for one in (one, two)]

    assert [one.head for one in odd] == ["imdb:ls1 is not read by graphql", "2 lists of imdb are not read by graphql"]


def test_without_a_network_there_is_one_cause_and_not_one_of_each_source():
    down = [
        a_reading(FetchState.FAILED, AttemptOutcome.DOWN, "no answer", name=name) for name in ("imdb:ls1", "mdblist:1")
    ]

    need = only(readings=down, faults=[told(AttemptOutcome.DOWN, provider="", text="Nothing answers.")])

    assert (need.kind, need.head) == (NeedKind.NO_NETWORK, "No source answers")
    assert need.text.startswith("Nothing answers. Lists that cannot be read stay as they were")
