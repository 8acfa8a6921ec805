"""Everything by the keyboard alone: what has the focus is in sight, and the focus is never lost."""

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (make browser)")

from selenium.webdriver.common.keys import Keys

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import House
from tests.fakes.patience import wait_until
from tests.fakes.ports import find_free_port
from tests.pages.chromium import WIDE

# What has the focus: whether it is more than the page as a whole, within the window, and not covered.
IS_IN_SIGHT = """
  const one = document.activeElement;
  if (!one || one === document.body) return false;
  const { top, bottom, left, right } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
"""
MOST_TABS = 150


class Keyboard:
    """A person without a mouse."""

    def __init__(self, browser):
        self.browser = browser

    def press(self, *keys):
        self.browser.press(*keys)

    def go_to(self, words):
        """Press Tab until something with these words has the focus."""
        for _ in range(MOST_TABS):
            self.browser.press(Keys.TAB)
            self.keeps_the_focus()
            if words in self.browser.focus:
                return
        pytest.fail(f"{words!r} cannot be reached by Tab at {self.browser.path}")

    def is_in_sight(self):
        return self.browser.driver.execute_script(IS_IN_SIGHT)

    def wait_for(self, text, path=""):
        self.browser.wait_for(lambda: text in self.browser.words and path in self.browser.path, f"{text!r} {path}")

    def keeps_the_focus(self):
        self.browser.wait_for(self.is_in_sight, f"the focus ({self.browser.focus!r})")


@pytest.fixture
def keyboard(demo, open_browser):
    browser = open_browser()
    browser.resize(WIDE)
    browser.choose_theme("light")
    browser.open(f"{demo.address}/items")
    # The field of the password has the focus.
    browser.get("input[type=password]")
    browser.press(*demo.token, Keys.ENTER)
    browser.get("h1", "Items")
    return Keyboard(browser)


def test_titles_are_found_explained_and_banned_by_the_keyboard(keyboard):
    browser = keyboard.browser

    # Search, and the reason of the first title: the focus goes in, and back to the row.
    browser.driver.find_element("tag name", "body").send_keys("/")
    keyboard.press(*"gladiator", Keys.ENTER)
    keyboard.wait_for("titles found", "q=gladiator")
    browser.driver.find_element("tag name", "body").send_keys("j")
    keyboard.keeps_the_focus()
    keyboard.press("w")
    browser.get(".drawer.open")
    browser.wait_for(
        lambda: browser.driver.execute_script("return document.activeElement.closest('.drawer')"), "inside"
    )
    keyboard.press(Keys.ESCAPE)
    browser.wait_for(lambda: not browser.find(".drawer.open"), "the page behind")
    keyboard.keeps_the_focus()

    # Rows are ticked, banned together, and this is taken back.
    browser.driver.find_element("tag name", "body").send_keys("j")
    keyboard.press("x", "j", "x")
    keyboard.go_to("Ban")
    keyboard.press(Keys.ENTER)
    keyboard.wait_for("Banned")
    keyboard.keeps_the_focus()
    keyboard.press("u")
    keyboard.wait_for("aken back")
    keyboard.keeps_the_focus()


def test_titles_are_reviewed_by_keys(keyboard):
    browser = keyboard.browser
    keyboard.press("g", "r")
    keyboard.wait_for("To decide", "/review")

    for key, said in (("1", "Pinned"), ("b", "Banned"), ("s", "nooze")):
        name = browser.get("#case-name").text
        browser.driver.find_element("tag name", "body").send_keys(key)
        keyboard.wait_for(said)
        browser.wait_for(lambda name=name: browser.get("#case-name").text != name, "the next title")
        browser.driver.find_element("tag name", "body").send_keys("u")
        browser.wait_for(lambda name=name: browser.get("#case-name").text == name, "the title again")


def test_a_sync_a_pause_and_a_setting_are_reached_by_tab(keyboard):
    browser = keyboard.browser
    keyboard.go_to("Sync now")
    keyboard.press(Keys.ENTER)
    browser.get(".toast:not(#offline)")
    keyboard.keeps_the_focus()

    keyboard.press("g", "h")
    keyboard.wait_for("Runs", "/runs")
    for act, words in (("Pause syncs", "No sync starts until"), ("Resume", "The pause is over")):
        keyboard.go_to(act)
        keyboard.press(Keys.ENTER)
        keyboard.wait_for(words)
        keyboard.keeps_the_focus()

    keyboard.press("g", "s")
    keyboard.wait_for("Settings", "/settings")
    browser.open(browser.driver.current_url + "/MAX_REQUESTS_PER_DAY")
    keyboard.keeps_the_focus()
    browser.driver.execute_script("document.getElementById('value').focus()")
    keyboard.press(Keys.CONTROL + "a")
    keyboard.press(*"500")
    keyboard.go_to("Preview")
    keyboard.press(Keys.ENTER)
    browser.get(".drawer", "500")
    keyboard.go_to("Save")
    keyboard.press(Keys.ENTER)
    keyboard.wait_for("MAX_REQUESTS_PER_DAY is saved")
    keyboard.keeps_the_focus()


def test_a_plan_is_ticked_and_applied_by_the_keyboard(tmp_path, open_browser):
    with DemoServer() as server:
        house = House(
            tmp_path,
            OVERSEERR_URL=server.url,
            OVERSEERR_API_KEY=server.api_key,
            FILE_LISTS="films.json",
            MAX_REQUESTS_PER_RUN="1",
            WEB_ENABLED="true",
            WEB_PORT=str(find_free_port()),
        )
        house.write_list(*({"media_type": "movie", "tmdb_id": number} for number in (603, 550, 78)))
        try:
            house.start_daemon()
            browser = open_browser()
            browser.open(f"http://127.0.0.1:{house.settings['WEB_PORT']}/plan")
            browser.get("input[type=password]")
            browser.press(*(house.data / "api_token").read_text().strip(), Keys.ENTER)
            browser.get("h1", "Plan")
            keyboard = Keyboard(browser)
            keyboard.go_to("Make a plan")
            keyboard.press(Keys.ENTER)
            browser.get("button", "Apply 1 request")

            browser.driver.execute_script("document.querySelector('tbody .check').focus()")
            keyboard.press(Keys.SPACE)
            # Without a tick, there is nothing to apply.
            browser.wait_for(lambda: "Apply" not in browser.words, "the bar is hidden")
            keyboard.press(Keys.SPACE)
            keyboard.go_to("Apply 1 request")
            keyboard.press(Keys.ENTER)
            wait_until(lambda: len(server.requests()) == 2, "the request of the plan")
            keyboard.keeps_the_focus()
        finally:
            house.end()
