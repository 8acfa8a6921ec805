"""What the script of the pages does in Chromium beside what they do without: nothing that a person chose is lost."""

import importlib.util
import shutil

import pytest

from list_sync.model.access import Scope
from list_sync.model.households import HOME
from list_sync.model.runs import RunOrder
from list_sync.storage import orders
from list_sync.storage.tokens import add_token
from list_sync.web.watching.feed import Topic
from tests.pages.conftest import browsers
from tests.web.conftest import NOW
from tests.web.test_plans import keep

PRESS = "return !document.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], cancelable: true }))"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not all(map(shutil.which, ("chromium", "chromedriver"))) or importlib.util.find_spec("selenium") is None:
        pytest.skip("Chromium, its driver or selenium is not installed (make browser)")
    with browsers(tmp_path_factory.mktemp("browser")) as open_one:
        yield open_one()


def reload_live(service, browser, part):
    """Let something happen, and wait until the page has replaced a live part."""
    browser.driver.execute_script(f"document.querySelector('{part}').dataset.before = 'yes'")
    browser.wait_for(lambda: service.parts.feed.streams, "the stream of the page")
    service.parts.feed.publish(Topic.ITEM, {"id": 1})
    browser.wait_for(lambda: browser.find(f"{part}:not([data-before])"), f"a new {part}")


def test_a_line_that_was_unticked_stays_so_while_the_next_plan_is_made(start_service, browser):
    service = start_service(WEB_AUTH="none")
    keep(service)
    with service.parts.store.writing() as connection:
        orders.ask(connection, HOME, RunOrder(dry_run=True), at=NOW)
    browser.open(f"{service.address}/plan")
    browser.click(".pick [name=line][value='1']")

    reload_live(service, browser, "#plan")

    assert [one.is_selected() for one in browser.find(".pick [name=line]")] == [True, False, True, True, True]
    browser.get("button", "Apply 4 requests")


def test_the_length_of_a_pause_that_was_chosen_stays(start_service, browser):
    service = start_service(WEB_AUTH="none")
    browser.open(f"{service.address}/runs")
    browser.driver.execute_script("document.querySelector('#pause select').value = '1w'")

    reload_live(service, browser, "#now")

    assert browser.driver.execute_script("return document.querySelector('#pause select').value") == "1w"


def test_a_double_click_sends_a_form_once(start_service, browser, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/lists.yaml").write_text("lists: [trakt:joe/best]\n")
    service = start_service(WEB_AUTH="none")
    browser.open(f"{service.address}/lists/trakt:joe/best/change?do=pause")

    twice = "const one = document.querySelector('button[value=write]'); one.click(); one.click();"
    browser.driver.execute_script(twice)

    browser.get(".toast", "Written: trakt:joe/best switched off")


def test_keys_lead_nobody_to_a_page_that_is_refused(start_service, browser, store):
    service = start_service()
    with store.writing() as connection:
        token = add_token(connection, "reader", Scope.READ, at=NOW)
    browser.run("Network.enable")
    browser.run("Network.setExtraHTTPHeaders", headers={"Authorization": f"Bearer {token}"})
    browser.open(f"{service.address}/lists")

    pressed = [browser.driver.execute_script(PRESS, key) for key in "gsgh"]

    assert pressed == [False, False, False, True]
    browser.wait_for(lambda: browser.path == "/runs", "the page of runs")
