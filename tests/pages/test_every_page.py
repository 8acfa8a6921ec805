"""Every page as it is after the demo's sync: readable for everybody, quiet, and all ours."""

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from tests.pages.chromium import PHONE, TABLET, WIDE

PAGES = (
    *(
        "/",
        "/lists",
        "/lists/imdb:top",
        "/lists/imdb:top/change",
        "/add",
        "/start",
        "/items",
        "/items?why=1",
        "/items/1",
    ),
    *("/review", "/plan", "/runs", "/runs/1", "/runs/1/undo", "/runs/log", "/settings", "/settings/OVERSEERR_4K"),
    *(
        "/policy",
        "/settings/tokens",
        "/settings/audit",
        "/settings/backups",
        "/settings/check",
        "/keys",
        "/no-such-page",
    ),
)
SIZES = {"wide": WIDE, "tablet": TABLET, "phone": PHONE}
MOST_SHIFT = 0.05


@pytest.fixture(scope="module")
def browser(demo, open_browser_of_module):
    browser = open_browser_of_module()
    demo.log_in(browser)
    browser.take_console()
    browser.take_hosts()
    return browser


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_for_everybody_quiet_and_ours(demo, browser, axe_installed, path):
    found = {}
    for theme in ("light", "dark"):
        browser.choose_theme(theme)
        for name, size in SIZES.items():
            browser.resize(size)
            browser.open(demo.address + path)
            troubles = [
                *browser.find_violations(),
                *(line for line in browser.take_console() if f"{path} - Failed to load" not in line),
                *sorted(browser.take_hosts() - {demo.host}),
                *(["it is wider than the window"] if browser.is_wider_than_the_window else []),
                *([f"it moves by {browser.shift}"] if browser.shift > MOST_SHIFT else []),
            ]
            if troubles:
                found[theme, name] = troubles

    assert found == {}
