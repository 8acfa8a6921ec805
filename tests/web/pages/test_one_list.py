"""The page of one list, and the pages that change it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from list_sync.model.sources import AttemptOutcome, FetchState
from list_sync.web.pages.one_list import OUTCOMES, say_source_terms, say_trouble
from tests.storage.recording import FIRST, read, run
from tests.web.test_reading import fill

FILE = """\
defaults: {max_new_per_day: 9}
lists:
  # Ours.
  - source: trakt:joe/best  # the best
    name: The <b>best</b>
    quality: 4k
    schedule: 0 3 * * *
    filters: {year: {min: 1990, unknown: wait}}
  - {source: plex:watchlist, enabled: off}
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "config/lists.yaml"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


@pytest.fixture
def open_form(path, open_page, service):
    """Open the form of a list, and return its fields as a browser would send them."""

    def load(name="trakt:joe/best"):
        page = open_page(f"/lists/{name}/change")
        fields = {}
        for node in page.tree.css("form.stack input, form.stack select, form.stack textarea"):
            options = node.css("option")
            if options:
                chosen = next((one for one in options if "selected" in one.attributes), options[0])
                value = chosen.attributes.get("value", chosen.text())
            else:
                value = node.text() if node.tag == "textarea" else node.attributes.get("value")
            fields[node.attributes["name"]] = value or ""
        return page, fields

    return load


def a_list(state, **facts):
    named = {"list": "trakt:joe/best", "reason": None, "attempts": [], "items": 0, "expected": None, "enabled": True}
    counted = {"unsupported": 0, "not_understood": 0, "age_seconds": 200_000}
    return SimpleNamespace(state=state, **named | counted | facts)


def test_every_outcome_of_a_route_has_its_words():
    assert OUTCOMES.keys() == set(AttemptOutcome)


@pytest.mark.parametrize(
    ("one", "head", "text", "act"),
    [
        (a_list(FetchState.COMPLETE), None, None, ""),
        (
            a_list(FetchState.PARTIAL, items=110, unsupported=2, expected=148, reason="page 5 was blocked"),
            "112 of 148 entries were read",
            "Page 5 was blocked. What was read is used. The missing 36 count as not known",
            "",
        ),
        (a_list(FetchState.PARTIAL, items=1), "1 title was read", "Others count as not known", ""),
        (a_list(FetchState.STALE, items=9), "A copy of 2 days ago is used", "The last good copy with 9 titles", ""),
        (
            a_list(FetchState.FAILED, reason="TRAKT_CLIENT_ID is not set (TRAKT_LISTS)"),
            "The list was not read",
            "none of them is removed",
            "Set TRAKT_CLIENT_ID",
        ),
        (a_list(None, enabled=False), "This list is paused", "stays as it is", "Resume"),
    ],
)
def test_a_list_that_is_not_complete_says_what_happened_what_was_kept_and_what_to_do(one, head, text, act):
    trouble = say_trouble(one)

    assert (trouble and trouble.head) == head
    assert not text or text in trouble.text
    assert (trouble.act if trouble else "") == act


def test_the_counts_of_a_complete_list_add_up_to_what_its_source_states(open_page, store):
    run(store, lists=(replace(read(FIRST, items=3), unsupported=2, expected=6),))

    assert "Repeated 1 titles that are on the list already" in open_page(f"/lists/{FIRST.name}").text


def test_a_source_says_what_is_known_of_its_terms():
    assert "forbids automated reading" in say_source_terms("letterboxd")
    assert say_source_terms("trakt_special") == say_source_terms("trakt")
    assert say_source_terms("nonsense") == ""


def test_the_page_of_a_list_shows_its_titles_and_where_each_term_is_stated(path, open_page, store):
    fill(store)
    page = open_page("/lists/trakt:joe/best")

    assert page.find("h1") == ["The <b>best</b>"]
    assert "lists.yaml, line 6" in page.text
    assert "lists.yaml, line 1, defaults" in page.text
    assert "The Matrix" in page.text
    assert "The list was not read It did not answer" in page.text
    hrefs = {node.attributes.get("href") for node in page.tree.css("a")}
    assert {f"/lists/trakt:joe/best/change?do={do}" for do in ("pause", "remove")} <= hrefs
    assert "/items?list=trakt%3Ajoe/best" in hrefs
    assert open_page("/lists/imdb:none").status == 404


def test_a_form_that_is_sent_as_it_is_changes_nothing(path, open_form, service):
    _, fields = open_form()
    page = service.post("/lists/trakt:joe/best/change", data=fields, headers={"Accept": "text/html"})

    assert fields["filters.year.range"] == ">=1990"
    assert "No line changes" in page.text
    assert "write" not in page.text


def test_a_change_is_shown_then_written_and_can_be_taken_back(path, open_form, service):
    _, fields = open_form()
    typed = fields | {"quality": "", "limit": "20", "filters.exclude_genres.any": "Horror\r\nWar"}
    page = service.post("/lists/trakt:joe/best/change", data=typed, headers={"Accept": "text/html"})
    assert path.read_text() == FILE
    assert "exclude_genres: [Horror, War]" in page.text
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    wanted = typed | {"step": "write", "version": version}
    done = service.post("/lists/trakt:joe/best/change", data=wanted, headers={"Accept": "application/json"}).json()
    assert done["text"] == "Written: other terms of trakt:joe/best"
    assert path.read_text() == FILE.replace("    quality: 4k\n", "").replace(
        "wait}}\n", "wait}, exclude_genres: [Horror, War]}\n    limit: 20\n"
    )
    undo = done["undo"]
    assert service.post(undo["path"], data=undo["fields"], allow_redirects=False).status_code == 303
    assert path.read_text() == FILE


def test_nothing_is_written_that_was_not_looked_at(path, service):
    for version in ({}, {"version": ""}, {"version": "9" * 4000}, {"version": "5891b5b522d5df08"}):
        answer = service.post("/lists/trakt:joe/best/change", data={"do": "pause", "step": "write", **version})
        assert answer.status_code in (409, 422)
    assert path.read_text() == FILE


def test_a_change_of_a_file_that_was_changed_meanwhile_is_shown_anew_with_what_was_typed(path, open_form, service):
    _, fields = open_form()
    typed = fields | {"limit": "20", "step": "write", "version": "5891b5b522d5df08"}
    shown = service.post("/lists/trakt:joe/best/change", data=typed, headers={"Accept": "text/html"})

    assert (shown.status_code, path.read_text()) == (409, FILE)
    assert "Nothing was written" in shown.text
    assert "limit: 20" in shown.text
    version = shown.text.partition('name="version" value="')[2].partition('"')[0]
    again = service.post("/lists/trakt:joe/best/change", data=typed | {"step": "edit"}, headers={"Accept": "text/html"})
    assert 'value="20"' in again.text
    service.post("/lists/trakt:joe/best/change", data=typed | {"version": version}, allow_redirects=False)
    assert "limit: 20" in path.read_text()


def test_a_second_click_on_write_says_that_it_is_written(path, open_form, service):
    _, fields = open_form()
    typed = fields | {"limit": "20"}
    page = service.post("/lists/trakt:joe/best/change", data=typed, headers={"Accept": "text/html"})
    version = page.text.partition('name="version" value="')[2].partition('"')[0]

    answers = [
        service.post(
            "/lists/trakt:joe/best/change",
            data=typed | {"step": "write", "version": version},
            headers={"Accept": "application/json"},
        ).json()
        for _ in range(2)
    ]

    assert [one["text"] for one in answers] == [
        "Written: other terms of trakt:joe/best",
        "It is written already: no line changes.",
    ]
    assert {one["to"] for one in answers} == {"/lists/trakt:joe/best"}


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(path, open_form, service):
    _, fields = open_form()
    typed = fields | {"limit": "many", "filters.rating.from": "imdb", "name": "<script>"}
    page = service.post("/lists/trakt:joe/best/change", data=typed, headers={"Accept": "text/html"})

    assert page.status_code == 422
    assert page.text.count('aria-invalid="true"') == 2
    assert 'value="many"' in page.text
    assert "<script>&" not in page.text.replace("&lt;", "<").partition("<main")[0]
    assert 'value="&lt;script&gt;"' in page.text
    assert path.read_text() == FILE


def test_a_list_is_paused_resumed_and_removed_by_its_buttons(path, open_page, service):
    page = open_page("/lists/trakt:joe/best/change?do=pause")
    assert "trakt:joe/best switched off" in page.text
    assert path.read_text() == FILE
    for name, do in (("trakt:joe/best", "pause"), ("plex:watchlist", "resume"), ("plex:watchlist", "remove")):
        (version,) = (
            one.attributes["value"]
            for one in open_page(f"/lists/{name}/change?do={do}").tree.css("input[name=version]")
        )
        for _ in range(2):
            # The second is that of a double click, or of a page that is too old.
            service.post(f"/lists/{name}/change", data={"do": do, "step": "write", "version": version})
    assert path.read_text() == FILE.partition("  - {")[0] + "    enabled: off\n"


def test_a_file_with_a_fault_and_one_that_cannot_be_written_are_told(path, open_page):
    path.rename(path.with_name("mine.yaml"))
    path.symlink_to("mine.yaml")
    page = open_page("/lists/trakt:joe/best/change?do=pause")
    assert "is a link" in page.text
    assert "enabled: off" in page.text
    assert not page.tree.css("button[value=write]")


@pytest.mark.parametrize(
    ("text", "words"),
    [("lists: [{sourc: a}]", "sourc is no key"), ("lists:\n  - source: [oops\n", "are not closed"), ("- a\n", ":1:1:")],
)
def test_a_broken_file_is_named_and_nothing_can_be_changed(tmp_path, open_page, start_service, text, words):
    service = start_service(TRAKT_LISTS="joe/best")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/lists.yaml").write_text(text)
    for address in ("/lists/trakt:joe/best/change", "/lists/trakt:joe/best/change?do=pause", "/policy"):
        page = open_page(address, running=service)
        assert page.status == 422
        assert words in page.text
        assert not page.tree.css("main form")


def test_the_file_is_shown_to_nobody_without_a_log_in(path, service):
    assert service.get("/lists/trakt:joe/best/change", token="").status_code == 401


def test_what_counts_for_all_lists_has_a_form_of_the_same_kind(path, open_page, service):
    page = open_page("/policy")
    assert page.tree.css_first("[name='defaults.max_new_per_day']").attributes["value"] == "9"
    typed = {"caps.per_day": "100", "exclusions": "movie: 603", "defaults.max_new_per_day": "9"}
    shown = service.post("/policy", data=typed, headers={"Accept": "text/html"}).text
    assert "exclusions" in shown
    assert path.read_text() == FILE
    version = shown.partition('name="version" value="')[2].partition('"')[0]
    service.post("/policy", data=typed | {"step": "write", "version": version})
    assert path.read_text() == f"{FILE}\ncaps: {{per_day: 100}}\nexclusions:\n  - movie: 603\n"
    wrong = service.post("/policy", data={"caps.per_day": "many"}, headers={"Accept": "text/html"})
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"')) == (422, 1)
