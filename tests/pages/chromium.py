"""Chromium as a person uses it: widths, themes, keys, script on or off; and what it says of a page besides words."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.fakes.patience import PATIENCE_SECONDS

AXE = Path(__file__).parents[2] / ".venv" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
WIDE, TABLET, PHONE, NARROW = (1440, 1000), (820, 1180), (390, 844), (320, 700)
# What moves while nobody typed or clicked, as the browser measures it.
WATCH_SHIFT = """
  window.shift = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
RUN_AXE = """
  const done = arguments[arguments.length - 1];
  const drawn = () => new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)));
  const still = () => Promise.allSettled(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime
    !== Infinity).map(one => one.finished));
  const tell = one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html).join(" | ");
  drawn().then(still).then(drawn).then(() => axe.run(document, { resultTypes: ["violations"] })).then(
    found => done(found.violations.map(tell)), error => done([String(error)]));
"""


class Chromium:
    """One browser window; `console` and `hosts` gather until they are asked for."""

    def __init__(self, folder, *, with_script=True):
        options = webdriver.ChromeOptions()
        for option in (*OPTIONS, f"--user-data-dir={folder}"):
            options.add_argument(option)
        if not with_script:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(PATIENCE_SECONDS)
        self.with_script = with_script
        self.run("Page.addScriptToEvaluateOnNewDocument", source=WATCH_SHIFT)
        self.resize(WIDE)

    def close(self):
        self.driver.quit()

    def run(self, command, **values):
        return self.driver.execute_cdp_cmd(command, values)

    def resize(self, size):
        width, height = size
        self.run(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def choose_theme(self, theme):
        """Prefer a theme, and no motion, so that nothing is looked at while it moves."""
        chosen = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in chosen.items()]
        self.run("Emulation.setEmulatedMedia", features=features)

    def open(self, address):
        self.driver.get(address)

    def wait_for(self, condition, what):
        """Return the first true value of a condition; pages may change at any moment while it looks."""
        try:
            return WebDriverWait(self.driver, PATIENCE_SECONDS, 0.05, (Exception,)).until(lambda _: condition())
        except TimeoutException:
            pytest.fail(f"{what} is not at {self.path}: {self.words[:1500]}")

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def get(self, selector, text="", then=lambda one: one):
        """Wait for a visible element that has a text, and return it, or what a function makes of it.

        Live parts are replaced at any moment: what happened to an element that is gone is tried with the new one.
        """

        def look():
            found = next((one for one in self.find(selector) if one.is_displayed() and text in one.text), None)
            return found and then(found)

        return self.wait_for(look, f"{selector} with {text!r}")

    def click(self, selector, text=""):
        self.get(selector, text, lambda one: self.click_at(one) is None)

    def click_at(self, element):
        """Click an element in the middle of the window, where no bar that sticks to its edges covers it."""
        self.driver.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
        element.click()

    def fill(self, selector, text):
        field = self.get(selector)
        field.clear()
        field.send_keys(text)

    def press(self, *keys):
        """Press keys wherever the focus is: the page may replace the element that has it at any moment."""
        for key in keys:
            try:
                self.driver.switch_to.active_element.send_keys(key)
            except StaleElementReferenceException:
                self.driver.switch_to.active_element.send_keys(key)

    def press_tab(self, times=1):
        for _ in range(times):
            self.press(Keys.TAB)

    @property
    def words(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def path(self):
        parts = urlsplit(self.driver.current_url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def focus(self):
        """Return the element that has the focus, in a few words."""
        return self.driver.execute_script(
            "const one = document.activeElement;"
            "return one === document.body ? '' : one.getAttribute('aria-label') || one.id || one.textContent.trim()"
        )

    def take_console(self):
        """Return what the console says since the last time."""
        return [line["message"] for line in self.driver.get_log("browser")]

    def take_hosts(self):
        """Return the hosts that pages asked since the last time."""
        events = [json.loads(line["message"])["message"] for line in self.driver.get_log("performance")]
        addresses = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
        return {urlsplit(address).netloc for address in addresses if address.startswith("http")}

    @property
    def shift(self):
        """Return how much the layout has moved by itself since the page was loaded."""
        return self.driver.execute_script("return window.shift")

    @property
    def is_wider_than_the_window(self):
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )

    def find_violations(self):
        """Return what axe-core finds wrong on the page as it is."""
        if not self.driver.execute_script("return Boolean(window.axe)"):
            self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        return self.driver.execute_async_script(RUN_AXE)

    def save_screen(self, path, *, whole=False):
        """Save a picture of the window, or of the whole page."""
        width, height = self.driver.execute_script("return [innerWidth, innerHeight]")
        if whole:
            tall = self.driver.execute_script("return document.documentElement.scrollHeight")
            self.resize((width, min(max(tall, height), 4000)))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(path))
        self.resize((width, height))
