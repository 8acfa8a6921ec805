"""The page of titles, the reason of one, and what is done with one or many."""

from collections import Counter

import pytest
from sqlalchemy import Engine, event

from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import Candidate
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_pins, load_snoozes
from tests.builders import a_show, an_item
from tests.storage.recording import FIRST, SECOND, asked, find_one, left, read, run, unmatched
from tests.web.conftest import NOW

HEAT = (Candidate(MediaType.MOVIE, 949, "Heat", "Heat", 1995, 50.0),)
HOSTILE = "<script>alert(1)</script> \u202e" + "x" * 500
FORM = {"Accept": "text/html"}


def fill(store):
    run(
        store,
        asked(FIRST, SECOND, tmdb_id=603, item=an_item("The Matrix", tmdb=603, imdb="tt0133093")),
        left(ItemStatus.ALREADY_AVAILABLE, FIRST, tmdb_id=194, item=an_item("Amélie", year=2001, tmdb=194)),
        left(
            ItemStatus.WAITING,
            SECOND,
            tmdb_id=1399,
            kind=MediaType.TV,
            item=an_item("Dark", MediaType.TV, 2017, tmdb=1399),
            reason="caps.per_day=5 is reached; its turn comes at 2026-11-28 03:00 UTC",
        ),
        unmatched(an_item("Heat", None, 1995), candidates=HEAT),
        lists=(read(FIRST, items=3), read(SECOND)),
    )


def send(service, path, **fields):
    """Send a form as a browser does, and return the answer."""
    return service.post(path, data=fields, headers=FORM, allow_redirects=False)


def banned(store):
    with store.reading() as connection:
        return set(load_pins(connection, HOME))


def snoozed(store):
    with store.reading() as connection:
        return set(load_snoozes(connection, HOME, now=NOW))


def names(page):
    return page.find("tbody th .name")


def test_titles_are_narrowed_by_the_address_of_the_page(open_page, store):
    fill(store)
    every = {"The Matrix", "Amélie", "Dark", "Heat"}
    for query, found in {
        "": every,
        "?state=waiting&state=needs_review": {"Dark", "Heat"},
        "?kind=tv": {"Dark"},
        "?list=trakt:joe/best&state=requested": {"The Matrix"},
        "?q=amel": {"Amélie"},
        "?q=movie:603": {"The Matrix"},
        "?requester=1&quality=hd&kind=movie": {"The Matrix", "Amélie"},
        "?mark=banned": set(),
        "?sort=title&q=a": every,
    }.items():
        page = open_page(f"/items{query}")
        assert (page.status, set(names(page)), bool(page.find(".empty"))) == (200, found, not found)


def test_a_facet_counts_what_it_would_find_beside_the_others_that_are_chosen(service, store):
    fill(store)
    facets = service.get("/api/items/facets?state=waiting").json()
    counts = {name: {one["value"]: one["count"] for one in facets[name]} for name in ("state", "kind", "list")}

    assert facets["total"] == 1
    assert counts["state"] == {"requested": 1, "already_available": 1, "waiting": 1, "needs_review": 1}
    assert counts["kind"] == {"tv": 1}
    assert counts["list"] == {"trakt:joe/best": 1}


def test_what_goes_next_comes_first_and_names_rise(service, store):
    fill(store)
    by = {
        sort: [one["title"] for one in service.get(f"/api/items?sort={sort}").json()["items"]]
        for sort in ("next", "title")
    }

    assert by["next"][0] == "Dark"
    assert by["title"] == ["Amélie", "Dark", "Heat", "The Matrix"]


def test_the_page_before_and_the_page_after_are_each_others_neighbours(service, store):
    run(store, *[asked(tmdb_id=number, item=an_item(f"Title {number % 3}", tmdb=number)) for number in range(1, 10)])
    for sort in ("changed", "title", "next", "seen"):
        address = f"/api/items?sort={sort}&limit=4"
        first = service.get(address).json()
        second = service.get(f"{address}&cursor={first['next_cursor']}").json()
        third = service.get(f"{address}&cursor={second['next_cursor']}").json()
        back = service.get(f"{address}&cursor={second['previous_cursor']}").json()
        seen = [one["id"] for page in (first, second, third) for one in page["items"]]

        assert (len(seen), len(set(seen))) == (9, 9)
        assert (first["previous_cursor"], third["next_cursor"]) == (None, None)
        assert back["items"] == first["items"]


def test_a_cursor_of_another_order_is_refused(service):
    too_far = "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTEyOjAwIiwxLGZhbHNlXQ"
    for cursor in ("WyJ4IiwxLGZhbHNlXQ", "W10", "WzEsMiwzXQ", "x", too_far):
        assert service.get(f"/api/items?sort=changed&cursor={cursor}").status_code == 422


def test_the_reason_is_told_on_a_page_of_its_own_and_beside_the_titles(open_page, store):
    fill(store)
    number = find_one(store, "1399").item_id
    alone, beside = open_page(f"/items/{number}"), open_page(f"/items?state=waiting&why={number}")

    for page in (alone, beside):
        assert "caps.per_day=5 is reached; its turn comes at 2026-11-28 03:00" in page.text
        assert "On 1 list" in page.text
        assert f"/items/{number}/ban" in [form.attributes["action"] for form in page.tree.css("form")]
    assert "state requested" not in beside.text
    assert beside.find(".drawer h2") == ["Dark (2017)"]
    assert [node.attributes["href"] for node in beside.tree.css(".drawer header a")] == ["/items?state=waiting"]
    assert open_page("/items/4711").status == 404


def test_page_and_command_tell_the_same_story(service, open_page, store):
    fill(store)
    number = find_one(store, "603").item_id
    story = service.get(f"/api/items/{number}").json()["story"]
    told = open_page(f"/items/{number}").tree.css_first("pre").text()

    assert {"state", "wanted", "matched", "list", "seen", "history", "next"} <= {one["about"] for one in story}
    assert all(f"{one['about']:8} {one['text']}" in told for one in story)


@pytest.mark.parametrize("act", ["ban", "snooze"])
def test_what_was_done_with_a_title_is_taken_back_from_the_toast(service, open_page, store, act):
    fill(store)
    number = find_one(store, "603").item_id
    done = send(service, f"/items/{number}/{act}", **{"for": "2w", "to": "/items?state=requested"})
    kept = banned(store) | snoozed(store)
    page = open_page("/items?state=requested", cookies=done.cookies.get_dict())
    (form,) = page.tree.css(".toasts form")
    undone = send(service, form.attributes["action"], undo=form.css_first("[name=undo]").attributes["value"])

    assert (done.status_code, done.headers["Location"]) == (303, "/items?state=requested")
    assert "tmdb:movie:603" in kept
    assert "The Matrix (1999)" in page.text
    assert undone.status_code == 303
    assert banned(store) | snoozed(store) == set()


def test_a_marked_title_is_found_by_its_mark_and_shows_it(service, open_page, store):
    fill(store)
    number = find_one(store, "603").item_id
    send(service, f"/items/{number}/ban")
    facets = service.get("/api/items/facets").json()

    assert facets["mark"] == [{"value": "banned", "label": "banned", "count": 1}]
    assert names(open_page("/items?mark=banned")) == ["The Matrix"]
    assert "banned by you" in open_page(f"/items/{number}").text
    assert send(service, f"/items/{number}/snooze", **{"for": "2w"}).status_code == 409
    assert send(service, f"/items/{number}/unban").status_code == 303
    assert banned(store) == set()


def test_a_title_is_pinned_to_another_one_of_tmdb(service, open_page, store):
    fill(store)
    heat = find_one(store, "Heat").item_id
    service.server.titles[MediaType.MOVIE, 949] = a_show(949)
    done = send(service, f"/items/{heat}/pin", target="https://www.themoviedb.org/movie/949-heat")

    assert done.status_code == 303
    assert banned(store) == {"title:any:heat:1995"}
    assert names(open_page("/items?mark=pinned")) == ["Heat"]
    assert send(service, f"/items/{heat}/pin", target="nonsense").status_code == 422
    service.server.titles[MediaType.TV, 7] = a_show(7)
    run(store, unmatched(an_item("Dune", MediaType.MOVIE, 2021)))
    refused = send(service, f"/items/{find_one(store, 'Dune').item_id}/pin", target="tv:7")
    assert (refused.status_code, "tick the box" in refused.text) == (422, True)


def test_only_a_title_that_failed_is_asked_for_anew(service, store):
    fill(store)

    assert send(service, f"/items/{find_one(store, 'Heat').item_id}/retry").status_code == 303
    assert send(service, f"/items/{find_one(store, '603').item_id}/retry").status_code == 409


def test_a_form_leads_to_no_page_of_others(service, store):
    fill(store)
    number = find_one(store, "603").item_id
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example", "/items\r\nX: y", ""):
        assert send(service, f"/items/{number}/ban", to=to).headers["Location"] == f"/items/{number}"


def test_ticked_titles_are_banned_and_all_that_match_only_after_a_question(service, open_page, store):
    fill(store)
    matrix, dark = (find_one(store, key).item_id for key in ("603", "1399"))
    ticked = send(service, "/items/bulk", action="ban", id=[matrix, dark], to="/items")
    after_ticks = banned(store)
    asked_first = send(service, "/items/bulk", action="snooze", all="1", kind="movie", **{"for": "4w"})
    none_yet = snoozed(store)
    done = send(service, "/items/bulk", action="snooze", all="1", kind="movie", confirm="1", **{"for": "4w"})

    assert {"tmdb:movie:603", "tmdb:tv:1399"} <= after_ticks
    assert (ticked.status_code, asked_first.status_code, done.status_code) == (303, 200, 303)
    assert "Snooze 1 title?" in asked_first.text
    assert none_yet == set()
    assert "tmdb:movie:194" in snoozed(store)
    assert send(service, "/items/bulk", action="ban").status_code == 303
    assert send(service, "/items/bulk", action="eat", id="1").status_code == 422


def test_the_key_enter_in_a_tick_box_does_nothing_with_the_ticked_titles(service, open_page, store):
    fill(store)
    # A browser presses the first button of the form.
    first = open_page("/items").tree.css_first("#bulk button")

    assert (first.text(), first.attributes.get("name")) == ("Do nothing with them", None)
    assert (
        send(service, "/items/bulk", id="1", all="1", to="/items?kind=movie").headers["Location"] == "/items?kind=movie"
    )
    assert banned(store) == set()


def test_hostile_names_are_shown_and_not_obeyed(service, open_page, store):
    run(store, asked(tmdb_id=5, item=an_item(HOSTILE, tmdb=5)))
    number = find_one(store, "movie:5").item_id
    for path in ("/items", f"/items/{number}", "/items?q=%3Cscript%3E%22", f"/items?why={number}"):
        page = open_page(path)
        assert page.status == 200
        assert len(page.tree.css("script")) == len(page.tree.css("head script")) == 1
        assert not page.tree.css("[style], [onclick]")
        assert "\u202e" not in page.tree.body.text() or "q=" in path
    assert all(node.parent.tag == "bdi" or node.tag == "bdi" for node in open_page("/items").tree.css("tbody .name"))


def test_a_page_takes_as_many_statements_for_many_titles_as_for_few(open_page, store):
    statements = Counter()

    def count(*_):
        statements["all"] += 1

    counts = []
    for titles in (3, 60):
        numbers = range(1, titles)
        run(store, *[asked(tmdb_id=number, item=an_item(f"Title {number}", tmdb=number)) for number in numbers])
        event.listen(Engine, "before_cursor_execute", count)
        open_page("/items?q=title")
        event.remove(Engine, "before_cursor_execute", count)
        counts.append(statements.pop("all"))

    assert counts[0] == counts[1] <= 18


def test_an_excluded_title_names_the_line_that_excludes_it(start_service, store, open_page, tmp_path):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/lists.yaml").write_text(
        "lists:\n  - imdb:top\nexclusions:\n  - movie: 5\n  - title: /^Halloween/\n"
    )
    run(store, left(ItemStatus.EXCLUDED, tmdb_id=5, reason="excluded: title /^Halloween/"))
    running, number = start_service(), find_one(store, "movie:5").item_id

    for path in ("/items?state=excluded", f"/items/{number}"):
        assert "excluded: title /^Halloween/ (lists.yaml, line 5)" in open_page(path, running=running).text
