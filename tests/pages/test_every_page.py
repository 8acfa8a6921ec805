"""Every page as it is after the demo's sync: readable for everybody, quiet, and all ours."""

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from tests.pages.chromium import NARROW, PHONE, TABLET, WIDE

PAGES = (
    *("/", "/lists", "/lists/imdb:top", "/lists/imdb:top/change", "/policy", "/add", "/start", "/keys"),
    *("/items", "/items?state=excluded", "/items?why=1", "/items/1", "/review", "/plan", "/runs", "/runs/1"),
    *("/runs/1/undo", "/runs/log", "/settings", "/settings/OVERSEERR_4K", "/settings/tokens", "/settings/audit"),
    *("/settings/backups", "/settings/check", "/password", "/no-such-page", "/items/999999"),
)
DOORS = ("/login", "/claim")
# In this order, a change of the theme and of the width is one step.
LOOKS = (("light", WIDE), ("dark", WIDE), ("dark", TABLET), ("light", TABLET), ("light", PHONE), ("dark", PHONE))
MOST_SHIFT = 0.05


@pytest.fixture(scope="module")
def browser(demo, open_browser_of_module):
    browser = open_browser_of_module()
    demo.log_in(browser)
    browser.take_console()
    browser.take_hosts()
    return browser


@pytest.fixture(scope="module")
def stranger(open_browser_of_module):
    return open_browser_of_module()


# Each form, filled, with the button that sends it, and a part of the answer.
FORMS = (
    ("/settings/tokens", {"#name": "API_TOKEN"}, "Make the token", "is the name of another"),
    ("/settings/tokens", {"#name": "reader", "#scope": "feed"}, "Make the token", "the calendar of what waits"),
    ("/settings/backups", {"#proof": "wrong"}, "Back up now", "No backup was made"),
    ("/runs", {}, "Pause syncs", "Resume"),
)


def find_troubles(browser, host, path, looks=LOOKS):
    """Return what is wrong with the page that is open, however it is looked at."""
    found = [
        *(line for line in browser.take_console() if f"{path} - Failed to load" not in line),
        *sorted(browser.take_hosts() - {host}),
        *([f"it moves by {browser.shift}"] if browser.shift > MOST_SHIFT else []),
    ]
    for theme, size in looks:
        browser.choose_theme(theme)
        browser.resize(size)
        found += [f"{theme}, {size[0]}: {one}" for one in browser.find_violations()]
        found += [f"{size[0]}: wider than the window"] if browser.is_wider_than_the_window else []
    browser.resize(NARROW)
    found += ["320: wider than the window"] if browser.is_wider_than_the_window else []
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_for_everybody_quiet_and_ours(demo, browser, axe_installed, path):
    browser.resize(PHONE if PAGES.index(path) % 2 else WIDE)
    browser.open(demo.address + path)

    assert find_troubles(browser, demo.host, path) == []


@pytest.mark.parametrize("path", DOORS)
def test_a_door_is_readable_for_everybody_quiet_and_ours(demo, stranger, axe_installed, path):
    stranger.open(demo.address + path)

    assert find_troubles(stranger, demo.host, path) == []


def test_the_page_of_a_new_plan_is_readable_for_everybody(demo, browser, axe_installed):
    browser.resize(WIDE)
    browser.open(f"{demo.address}/plan")
    browser.click("button", "Make a plan")
    browser.get("h2", "Will request")

    assert find_troubles(browser, demo.host, "/plan") == []


@pytest.mark.parametrize(("path", "fields", "act", "words"), FORMS)
def test_the_answer_to_a_form_is_readable_for_everybody(demo, browser, axe_installed, path, fields, act, words):
    browser.resize(PHONE)
    browser.open(demo.address + path)
    for selector, text in fields.items():
        browser.get(selector, then=lambda field, text=text: field.send_keys(text) is None)
    browser.click("main button", act)
    browser.get("main", words)

    assert find_troubles(browser, demo.host, path, looks=LOOKS[::5]) == []
