"""The pages behind nginx below a path, in Chromium: links, forms, files, events, and the log-out."""

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House
from tests.fakes.nginx import nginx_before
from tests.fakes.ports import find_free_port

PATH = "/listsync"
TOKEN = "token-of-the-owner-0123456789"


@pytest.fixture
def house(tmp_path):
    with DemoServer() as server:
        house = House(
            tmp_path,
            OVERSEERR_URL=server.url,
            OVERSEERR_API_KEY=server.api_key,
            FILE_LISTS="films.json",
            API_TOKEN=TOKEN,
            WEB_ENABLED="true",
            WEB_PORT=str(find_free_port()),
            WEB_BASE_PATH=PATH,
            TRUSTED_PROXIES="127.0.0.1",
        )
        yield house
        house.end()


def test_everything_works_below_a_path_behind_nginx(house, open_browser, tmp_path):
    house.write_list(MATRIX)
    daemon = house.start_daemon()
    with nginx_before(tmp_path / "nginx", house.settings["WEB_PORT"]) as port:
        browser, host = open_browser(), f"127.0.0.1:{port}"
        browser.open(f"http://{host}{PATH}/items")
        browser.fill("input[type=password]", TOKEN)
        browser.click("main button", "Log in")
        browser.get("main a", "The Matrix")
        assert browser.path == f"{PATH}/items"

        # A drawer, a form that is sent quietly, and its undo.
        browser.click("main tbody a[data-drawer]")
        browser.click(".drawer button", "Ban")
        browser.click(".toast button", "Undo")
        browser.get(".toast", "Taken back")
        browser.press("\ue00c")

        # A run that began elsewhere shows by itself: events pass nginx.
        for path in ("lists", "review", "plan", "runs", "settings"):
            browser.click(f".nav a[href='{PATH}/{path}']")
            browser.wait_for(lambda path=path: browser.path == f"{PATH}/{path}", path)
        browser.click(f".nav a[href='{PATH}/runs']")
        browser.wait_for(
            lambda: browser.driver.execute_script("return stream?.readyState === 1"), "the stream of events"
        )
        house.write_list(MATRIX, {"title": "Alien", "year": 1979, "media_type": "movie", "tmdb_id": 348})
        daemon.wait_for("Sync completed", times=2)
        browser.get("main a[href$='/runs/2']")

        browser.click("[popovertarget=account]")
        browser.click("#account button", "Log out")
        browser.get("h1", "Log in")
        assert browser.path.startswith(f"{PATH}/login")
        assert browser.take_console() == []
        assert browser.take_hosts() == {host}
