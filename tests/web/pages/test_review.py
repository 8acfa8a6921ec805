"""The review: the queue, the candidates of one title side by side, and what follows a decision."""

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from list_sync.errors import ServiceUnavailable
from list_sync.matching.comparing import compare
from list_sync.model.facts import TitleFacts
from list_sync.model.matches import Candidate
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_pins
from tests.builders import a_show, an_item
from tests.storage.recording import find_one, run, unmatched

JEKYLL = (
    Candidate(MediaType.MOVIE, 1, "Dr. Jekyll and Mr. Hyde", "", 1920),
    Candidate(MediaType.MOVIE, 2, "Dr. Jekyll and Mr. Hyde", "", 1920),
    Candidate(MediaType.MOVIE, 3, "Dr. Jekyll and Mr. Hyde", "", 1912),
    Candidate(MediaType.TV, 4, "Dr. Jekyll", "Jekyll", None),
)


def fill(store):
    run(
        store,
        unmatched(an_item("Dr. Jekyll and Mr. Hyde", MediaType.MOVIE, 1920), candidates=JEKYLL),
        unmatched(an_item("Anna", None, 2019), candidates=(Candidate(MediaType.MOVIE, 9, "Anna", "", 2019),)),
    )
    return [find_one(store, name).item_id for name in ("Dr. Jekyll and Mr. Hyde", "Anna")]


def details_of(tmdb_id, **facts):
    return replace(a_show(tmdb_id), media_type=MediaType.MOVIE, facts=TitleFacts(**facts))


def send(service, path, **fields):
    return service.post(path, data=fields, headers={"Accept": "text/html"}, allow_redirects=False)


def test_hints_say_what_agrees_and_with_which_others():
    item = an_item("Dr. Jekyll and Mr. Hyde", MediaType.MOVIE, 1920)

    assert [one.hint for one in compare(item, JEKYLL)] == [
        "Agrees in name, year and kind, and so does number 2.",
        "Agrees in name, year and kind, and so does number 1.",
        "Agrees in name and kind; 8 years too early.",
        "Agrees in nothing that the list states; another name; TMDB states no year; a show.",
    ]
    assert [(one.has_name, one.has_year, one.has_kind) for one in compare(item, JEKYLL)] == [
        (True, True, True),
        (True, True, True),
        (True, False, True),
        (False, None, False),
    ]


def test_candidates_stand_side_by_side_with_what_the_server_tells_of_each_once(service, store, open_page):
    jekyll, _ = fill(store)
    service.server.titles[MediaType.MOVIE, 1] = details_of(1, runtime=79, votes=1204)
    page = open_page("/review")
    service.server.titles.clear()
    again = open_page(f"/review/{jekyll}")

    assert page.find("#case-name") == ["Dr. Jekyll and Mr. Hyde (1920)"]
    assert [node.attributes["value"] for node in page.tree.css(".candidate button[name=target]")] == [
        "movie:1",
        "movie:2",
        "movie:3",
        "tv:4",
    ]
    for told in (page, again):
        assert "film, 79 min" in told.find(".candidate .facts")[0]
        assert "1,204" in told.find(".candidate .facts")[0]
    assert [node.attributes["data-key"] for node in page.tree.css(".candidate [data-key]")] == ["1", "2", "3", "4"]


def test_a_server_that_does_not_answer_holds_no_page_up(service, store, open_page):
    fill(store)
    service.server.error = ServiceUnavailable("seerr", "no answer")

    assert "not known" in open_page("/review").text


def test_the_next_title_opens_after_a_decision_and_an_undo_comes_back(service, store, open_page):
    jekyll, anna = fill(store)
    service.server.titles[MediaType.MOVIE, 2] = details_of(2)
    form = {"to": "/review", "undone": f"/review/{jekyll}", "other_kind": "1"}
    pinned = send(service, f"/items/{jekyll}/pin", target="movie:2", **form)
    following = open_page("/review", cookies=pinned.cookies.get_dict())
    put_off = send(service, f"/items/{anna}/snooze", **{"for": "1w", "to": "/review"})
    done = open_page("/review")
    undo = following.tree.css_first(".toasts form:has([data-undo])")
    fields = {node.attributes["name"]: node.attributes["value"] for node in undo.css("input")}
    undone = send(service, undo.attributes["action"], **fields)

    assert (pinned.headers["Location"], put_off.status_code) == ("/review", 303)
    assert following.find("#case-name") == ["Anna (2019)"]
    assert following.find(".queue small") == ["2019 · 1 candidate", "1920 · 4 candidates · decided"]
    assert "You decided about all of them" in done.text
    assert undone.headers["Location"] == f"/review/{jekyll}"
    with store.reading() as connection:
        assert load_pins(connection, HOME) == {}


def test_what_was_typed_wrongly_is_typed_on_and_not_lost(service, store, open_page):
    jekyll, _ = fill(store)
    of_review, of_item = {"to": "/review", "other_kind": "1"}, {"to": f"/items/{jekyll}"}

    for form, place in ((of_review, "#other"), (of_item, f"#target-{jekyll}")):
        for typed, words in (("<b>movie 2</b>", "names no TMDB title"), ("movie:4711", "TMDB has no film 4711")):
            answer = send(service, f"/items/{jekyll}/pin", target=typed, **form)

            page = LexborHTMLParser(answer.text)
            field = page.css_first(place)
            assert answer.status_code == 422
            assert (field.attributes["value"], field.attributes["aria-invalid"]) == (typed, "true")
            assert words in page.css_first(f"{place}-note").text()
            assert bool(page.css("details[open]")) is (form is of_item), "the field is in sight"
    answer = service.post(f"/items/{jekyll}/pin", data={"target": "x"}, headers={"Accept": "application/json"})
    assert (answer.status_code, "names no TMDB title" in answer.json()["detail"]) == (422, True)


def test_nothing_to_review_is_said_and_a_title_that_waits_for_nothing_is_not_found(service, open_page):
    assert "Every title was matched beyond doubt" in open_page("/review").text
    for path in ("/review/4711", "/api/review/4711"):
        assert service.get(path).status_code == 404


def test_the_queue_and_the_details_are_told_to_programs(service, store):
    jekyll, anna = fill(store)
    queue = service.get("/api/review/queue").json()
    told = service.get(f"/api/review/{jekyll}").json()

    assert ([one["id"] for one in queue["items"]], queue["open"], queue["total"]) == ([jekyll, anna], 2, 2)
    assert [one["hint"] for one in told["compared"]][2] == "Agrees in name and kind; 8 years too early."
    assert service.get(f"/api/items/{anna}").json()["can_retry"] is True
