"""A household in which everything that others write is hostile: shown on every page, obeyed on none."""

import json

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import House
from tests.fakes.ports import find_free_port
from tests.pages.chromium import PHONE

TOKEN = "token-of-the-owner-0123456789"
SECRET = "sk-1234567890abcdef-secret"
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><svg onload=alert(3)>"
TITLES = (
    MARKUP,
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "\u202egnp.exe\u202c \u2066over\u2069 \u200f",
    '=HYPERLINK("http://evil.example/","x")',
    "W" * 500,
    "javascript:alert(4)",
)
PAGES = (
    "/",
    "/lists",
    "/items",
    "/items?why=1",
    "/items?q=%3Cscript%3Ealert(5)%3C%2Fscript%3E",
    "/items/1",
    "/items/5",
)
LATER = ("/items/5", "/review", "/plan", "/runs", "/runs/1", "/runs/log", "/settings", "/settings/audit", "/policy")
OBEYED = "main img[src=x], main script, [onclick], [onerror], [onload]"
LIST_NAME = f"<b onclick=alert(6)>{'N' * 60}</b>"


@pytest.fixture
def house(tmp_path):
    with DemoServer() as server:
        server.add_user("<script>alert(7)</script>", 2, None, None)
        house = House(
            tmp_path,
            OVERSEERR_URL=server.url,
            OVERSEERR_API_KEY=server.api_key,
            CONFIG_DIR=str(tmp_path / "config"),
            API_TOKEN=TOKEN,
            FILE_LISTS=f"http://127.0.0.1:9/films.json?apikey={SECRET}",
            ALLOW_PRIVATE_SOURCES="true",
            WEB_ENABLED="true",
            WEB_PORT=str(find_free_port()),
        )
        (tmp_path / "config").mkdir()
        lists = [
            {"source": "file:films.json", "name": LIST_NAME, "requester": 2},
        ]
        (tmp_path / "config" / "lists.yaml").write_text(json.dumps({"lists": lists}))
        yield house
        house.end()


def test_what_others_write_is_shown_and_never_obeyed(house, open_browser):
    entries = [
        {"title": name, "year": 2000, "media_type": "movie", "tmdb_id": 603 + n} for n, name in enumerate(TITLES)
    ]
    house.write_list(*entries)
    daemon = house.start()
    daemon.wait_for("Sync completed")
    browser = open_browser()
    host = f"127.0.0.1:{house.settings['WEB_PORT']}"
    browser.resize(PHONE)
    browser.open(f"http://{host}/login")
    browser.fill("input[type=password]", TOKEN)
    browser.click("main button", "Log in")
    browser.get("h1", "")
    lists = [one.get_attribute("href") for one in browser.find("main a[href*='/lists/']")]
    found = {}
    for path in (*PAGES, *LATER, *{one.removeprefix(f"http://{host}") for one in lists}):
        browser.open(f"http://{host}{path}")
        source = browser.driver.page_source
        troubles = [
            *browser.take_console(),
            *(browser.take_hosts() - {host}),
            *(["wide"] if browser.is_wider_than_the_window else []),
            *(["secret"] if SECRET in source else []),
            *(one.get_attribute("outerHTML") for one in browser.find(OBEYED)),
            *(one.get_attribute("href") for one in browser.find("a[href^=javascript]")),
        ]
        if troubles:
            found[path] = troubles

    assert found == {}
    browser.open(f"http://{host}/items")
    for name in TITLES[:2]:
        assert name in browser.words
