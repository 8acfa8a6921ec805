"""The page of the plan: making one, ticking its lines, applying and discarding it."""

from dataclasses import replace

from list_sync.model.plans import LineKind, PlannedServer
from list_sync.model.runs import RunOrder
from list_sync.web.pages.plan import PATH
from tests.web.test_plans import a_plan, keep, line, queued

HOSTILE = '<script>alert("x")</script>\u202e'
SHOWN = '<script>alert("x")</script>\\u202e'


def send(service, path, *pairs):
    """Send a form as a browser without script does, and return the answer before its redirect."""
    return service.post(path, data=list(pairs), headers={"Accept": "text/html"}, allow_redirects=False)


def ticked(page):
    return [int(node.attributes["value"]) for node in page.tree.css(".pick .check[checked]")]


def test_without_a_plan_the_page_makes_one_and_shows_that_it_is_being_made(service, open_page):
    page = open_page("/plan")
    assert page.find("h2") == ["There is no plan"]
    assert page.tree.css("#plan[data-live]"), "a plan that is stored after its run appears by itself"

    answer = send(service, PATH)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/plan")
    run_id, order = queued(service)
    assert order == RunOrder(dry_run=True, mode=order.mode)
    page = open_page("/plan")
    assert page.find("h2") == ["A plan is being made"]
    assert page.find("form[action='/plan']") == []
    assert page.tree.css_first(f"form[action='/runs/{run_id}/cancel']") is not None


def test_what_is_ticked_is_kept_from_page_to_page_and_applied(service, open_page, monkeypatch):
    monkeypatch.setattr("list_sync.web.pages.plan._ON_A_PAGE", 3)
    run_id = keep(service)

    first = open_page("/plan")
    assert ticked(first) == [0, 1, 2]
    assert "5 of 5 ticked." in first.text
    older = first.tree.css_first("input[name=older]").attributes["value"]
    shown = [("shown", "0"), ("shown", "1"), ("shown", "2")]
    turned = send(service, f"/plan/{run_id}", *shown, ("line", "0"), ("line", "2"), ("older", older), ("do", "older"))

    second = open_page(turned.headers["Location"])
    assert ticked(second) == [3, 4]
    assert "4 of 5 ticked." in second.text
    applied = send(service, f"/plan/{run_id}", ("shown", "3"), ("shown", "4"), ("line", "4"), ("do", "apply"))

    number, order = queued(service)
    assert (applied.headers["Location"], order.applies) == (f"/runs/{number}", run_id)
    saved = service.get(f"/plan/{run_id}/file").json()["lines"]
    assert [one["apply"] for one in saved if one["kind"] == "request"] == [True, False, True, False, True]
    page = open_page("/plan")
    assert "This plan was applied" in page.find("h2")
    assert ticked(page) == []
    assert send(service, f"/plan/{run_id}", ("shown", "4"), ("do", "apply")).status_code == 409


def test_the_key_enter_in_a_tick_box_keeps_the_ticks_and_neither_applies_nor_discards(service, open_page):
    run_id = keep(service)

    # A browser presses the first button of the form.
    first = open_page("/plan").tree.css_first("form[data-ticks] button")
    kept = send(service, f"/plan/{run_id}", ("shown", "0"), ("shown", "1"), ("line", "1"))

    assert (first.text(), first.attributes.get("name"), kept.headers["Location"]) == ("Keep the ticks", None, "/plan")
    assert ticked(open_page("/plan")) == [1, 2, 3, 4]
    assert queued(service) is None


def test_a_plan_that_does_not_hold_any_more_says_each_thing_that_changed_and_has_nothing_to_tick(service, open_page):
    keep(service, policy="another", server=PlannedServer("2026", "seerr"))

    page = open_page("/plan")

    assert "This plan cannot be applied any more" in page.find("h2")
    assert len(page.find(".banner li")) == 2
    assert page.tree.css_first(".check") is None
    assert page.tree.css_first(".actionbar") is None


def test_the_page_shows_titles_as_text_why_titles_wait_and_what_is_withdrawn(service, open_page):
    lines = (replace(line(1), title=HOSTILE), line(2, LineKind.WITHDRAW), *a_plan(service).lines[-3:])
    keep(service, lines=lines)

    page = open_page("/plan")

    assert page.tree.css_first("main script") is None
    assert SHOWN in page.tree.css_first("tbody .title bdi").text()
    assert "withdraw its request" in page.text
    assert page.find("section[aria-labelledby=wait] tbody th b") == ["The cap of a day is reached"]


def test_a_plan_is_discarded_on_the_page(service, open_page):
    run_id = keep(service)

    assert send(service, f"/plan/{run_id}", ("do", "discard")).headers["Location"] == "/plan"

    assert open_page("/plan").find("h2") == ["There is no plan"]


def test_a_page_of_ten_thousand_lines_takes_as_many_statements_as_one_of_few(service, open_page, count_statements):
    keep(service)
    few = count_statements(lambda: open_page("/plan"))
    keep(service, lines=tuple(line(number) for number in range(10_000)))

    assert count_statements(lambda: open_page("/plan")) == few <= 16
