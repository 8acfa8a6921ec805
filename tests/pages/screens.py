"""The pictures of the pages in docs/screens, taken of the demo by `make screens`."""

import tempfile
from pathlib import Path

from PIL import Image

from tests.fakes.house import REPOSITORY
from tests.pages.chromium import PHONE, WIDE, Chromium
from tests.pages.conftest import Demo

FOLDER = REPOSITORY / "docs" / "screens"
PAGES = {
    "overview": "/",
    "lists": "/lists",
    "list": "/lists/imdb:top",
    "list-change": "/lists/imdb:top/change",
    "policy": "/policy",
    "add-list": "/add",
    "items": "/items",
    "reason": "/items?q=gladiator",
    "item": "/items/1",
    "review": "/review",
    "plan": "/plan",
    "runs": "/runs",
    "run": "/runs/1",
    "undo": "/runs/1/undo",
    "log": "/runs/log",
    "settings": "/settings",
    "setting": "/settings/MAX_REQUESTS_PER_DAY",
    "check": "/settings/check",
    "tokens": "/settings/tokens",
    "audit": "/settings/audit",
    "backups": "/settings/backups",
    "keys": "/keys",
}
# Further pages: one look at each keeps the folder small.
FURTHER = ("list-change", "policy", "item", "check", "tokens", "audit", "backups", "keys")
LOOKS = (("wide-light", WIDE, "light"), ("wide-dark", WIDE, "dark"), ("phone-light", PHONE, "light"))

IS_QUIET = "return [...document.images].every(one => one.complete || one.loading === 'lazy')"


def take(folder: Path) -> None:
    """Take every picture; what a run of the demo shows is the same each time, but for the times of day."""
    (folder / "data").mkdir()
    demo = Demo(folder)
    browser = Chromium(folder / "profile")
    try:
        demo.log_in(browser)
        make_plan(demo, browser)
        for look, size, theme in LOOKS:
            browser.choose_theme(theme)
            browser.resize(size)
            for name, path in PAGES.items():
                if name in FURTHER and look != LOOKS[0][0]:
                    continue
                browser.open(demo.address + path)
                if name == "reason":
                    browser.click("tbody tr:last-child th a")
                    browser.get(".drawer", "The server says")
                browser.wait_for(lambda: browser.driver.execute_script(IS_QUIET), "every picture of the page")
                save_small(browser, FOLDER / f"{name}-{look}.png")
    finally:
        browser.close()
        demo.end()


def make_plan(demo: Demo, browser: Chromium) -> None:
    """Ask for a plan, so that there is one to look at."""
    browser.open(f"{demo.address}/plan")
    browser.click("button", "Make a plan")
    browser.get("h2", "Will request")


def save_small(browser: Chromium, path: Path) -> None:
    """Save the window with 128 colours, which keeps text sharp and the file small."""
    browser.save_screen(path)
    with Image.open(path) as picture:
        fewer = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    fewer.save(path, optimize=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        take(Path(name))
