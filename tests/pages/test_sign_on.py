"""Single sign-on in Chromium, on a phone: to the issuer at another site, back to the page, and out at both."""

from functools import partial
from urllib.parse import urlsplit

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House
from tests.fakes.issuer import FakeIssuer
from tests.fakes.ports import find_free_port
from tests.pages.chromium import PHONE


@pytest.fixture
def issuer():
    with FakeIssuer() as issuer:
        issuer.metadata = {"end_session_endpoint": f"{issuer.issuer}/end"}
        yield issuer


@pytest.fixture
def house(tmp_path, issuer):
    port = str(find_free_port())
    with DemoServer() as server:
        house = House(
            tmp_path,
            OVERSEERR_URL=server.url,
            OVERSEERR_API_KEY=server.api_key,
            FILE_LISTS="films.json",
            WEB_ENABLED="true",
            WEB_PORT=port,
            # The issuer is at 127.0.0.1, which is another site for the browser.
            **issuer.settings(WEB_BASE_URL=f"http://localhost:{port}", WEB_PASSWORD_LOGIN="false"),
        )
        house.write_list(MATRIX)
        yield house
        house.end()


def is_at(browser, host):
    return urlsplit(browser.driver.current_url).netloc == host


def test_a_person_comes_in_by_the_issuer_on_a_phone_with_and_without_script(house, issuer, open_browser):
    house.start_daemon()
    host = f"localhost:{house.settings['WEB_PORT']}"
    for with_script in (True, False):
        browser = open_browser(with_script=with_script)
        browser.resize(PHONE)
        # At an address that is not registered, the way to the issuer begins at the one that is.
        browser.open(f"http://127.0.0.1:{house.settings['WEB_PORT']}/items")
        assert not browser.is_wider_than_the_window
        browser.click("main a", "Log in with")
        browser.wait_for(partial(is_at, browser, host), "the registered address")
        browser.click("main a", "Log in with")
        browser.click("a", "I am Alice")

        browser.get("main a", "The Matrix")
        assert browser.path == "/items"
        browser.click("[popovertarget=account]")
        assert "alice@example.com" in browser.words
        browser.click("#account button", "Log out")
        browser.get("h2", "You are logged out")
        assert not browser.is_wider_than_the_window
        browser.click("main a", "Log out at 127.0.0.1")
        browser.get("h1", "Logged out at the issuer")
        browser.open(f"http://{host}/items")
        browser.get("h1", "Log in")
        messages = [one for one in browser.take_console() if "favicon" not in one]
        assert messages == []
