"""The way of a person from the first start to the undo of a run, in Chromium: wide, on a phone, and without script."""

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.sample_sources import SampleSources
from tests.fakes.house import House
from tests.fakes.patience import wait_until
from tests.fakes.ports import find_free_port
from tests.pages.chromium import PHONE, WIDE

PASSWORD = "a password of ten and more"
MOST_SHIFT = 0.05


class Person:
    """Someone who does one step after the other, and sees at each one that nothing else is wrong."""

    def __init__(self, browser, house, server):
        self.browser, self.house, self.server = browser, house, server
        self.host = f"127.0.0.1:{house.settings['WEB_PORT']}"

    def open(self, path):
        self.browser.open(f"http://{self.host}{path}")
        self.look()

    def click(self, selector, text=""):
        self.browser.click(selector, text)

    def wait_for(self, text, path=""):
        """Wait until a page says something; without script, load it again as it says."""

        def is_there():
            if text in self.browser.words and path in self.browser.path:
                return True
            if not self.browser.with_script:
                self.browser.driver.refresh()
            return False

        self.browser.wait_for(is_there, f"{text!r} {path}")
        self.look()

    def look(self):
        """Fail if the page said something to the console, asked another host, moved, or is too wide."""
        assert self.browser.take_console() == []
        assert self.browser.take_hosts() <= {self.host}
        assert not self.browser.is_wider_than_the_window
        assert not self.browser.with_script or self.browser.shift <= MOST_SHIFT


@pytest.fixture
def server():
    with DemoServer(synthetic_films=100) as server:
        yield server


@pytest.fixture
def house(tmp_path, server):
    """A container that was started with nothing set; only the addresses of sources lead to loopback."""
    with SampleSources() as sources:
        reading = sources.environment(tmp_path / "unused")
        house = House(
            tmp_path,
            **{name: text for name, text in reading.items() if not name.endswith("_LISTS")},
            WEB_ENABLED="true",
            WEB_PORT=str(find_free_port()),
            SELENIUM_POOL_SIZE="0",
        )
        yield house
        house.end()


@pytest.mark.parametrize(
    ("size", "with_script"), [(WIDE, True), (PHONE, True), (WIDE, False)], ids=["wide", "phone", "without script"]
)
def test_from_the_first_start_to_the_undo_of_a_run(open_browser, house, server, size, with_script):
    house.start().wait_for("the service listens")
    browser = open_browser(with_script=with_script)
    browser.resize(size)
    person = Person(browser, house, server)

    # Claim.
    person.open("/")
    person.click("a", "Choose it")
    browser.fill("#proof", house.run("web", "claim").stdout.split()[-1])
    browser.fill("#password", PASSWORD)
    browser.fill("#again", PASSWORD)
    person.click("button", "Choose the password")
    person.wait_for("Three steps", "/start")

    # The server, and a list by its address.
    browser.fill("#address", server.url)
    browser.fill("#key", server.api_key)
    person.click("button", "Save and connect")
    person.wait_for("connected")
    browser.fill("#address", "https://www.imdb.com/chart/top/")
    person.click("button", "Read it")
    person.wait_for("30 of 30 read")

    # Dry run, plan, and applying three lines of it.
    person.click("button", "See what a sync would do")
    person.wait_for("Every title with its reason")
    person.click("a", "Every title with its reason")
    person.wait_for("30 titles, in this order", "/plan")
    assert server.requests() == []
    for box in browser.find(".pick input[name=line]")[3:]:
        browser.click_at(box)
    person.click("button", "Apply 3 requests" if with_script else "Apply")
    person.wait_for("Undo…", "/runs/")
    run = browser.path
    assert len(server.requests()) == 3

    # The reason of a title, a pin and its undo.
    person.open("/items?state=requested")
    person.click("main tbody a[data-drawer]")
    person.wait_for("Every rule passed")
    person.click(".drawer summary", "Pin to another title")
    browser.fill(".drawer input[name=target]", "movie:603")
    person.click(".drawer button", "Pin")
    person.wait_for("Pinned")
    person.click(".toast button", "Undo")
    person.wait_for("Taken back")

    # What the run did is undone.
    person.open(run)
    person.click("a", "Undo…")
    person.click(".drawer button", "Withdraw 3 requests")
    person.wait_for("Takes back", "/runs/")
    wait_until(lambda: server.requests() == [], "the undo")

    # The list itself is written, and shown when the daemon has read it.
    person.open("/start")
    browser.fill("#address", "imdb:top")
    person.click("button", "Read it")
    person.click("button", "Show what is written")
    person.click("button", "Add it paused")
    person.wait_for("when it is resumed", "/lists")
    person.click("main a", "imdb:top")
    person.wait_for("paused")
