"""The pictures of pages in README: the demo in Chromium. `make picture` writes them."""

import base64
import tempfile
from pathlib import Path

from tests.pages.chromium import Chromium
from tests.pages.conftest import Demo, browsers

FOLDER = Path(__file__).parents[2] / "docs"
SIZE = (1280, 860)
IS_STILL = """
  const isThere = one => one.complete || one.getBoundingClientRect().top > innerHeight;
  return [...document.images].every(isThere) && document.getAnimations().every(one => one.playState === "finished");
"""


def take_picture(browser: Chromium, name: str) -> None:
    """Write what the window shows, when its posters are there and nothing moves."""
    browser.wait_for(lambda: browser.driver.execute_script(IS_STILL), "posters and drawers")
    found = browser.run("Page.captureScreenshot", format="webp", quality=80)
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(found["data"]))


def take_pictures(folder: Path) -> None:
    """Write all pictures."""
    (folder / "data").mkdir()
    demo = Demo(folder)
    try:
        with browsers(folder) as open_browser:
            browser = open_browser()
            browser.resize(SIZE)
            demo.log_in(browser)
            browser.get("#condition", "answers in")
            take_picture(browser, "overview")
            browser.choose_theme("dark")
            browser.open(f"{demo.address}/items?q=gladiator")
            browser.click("tbody tr:last-child th a")
            browser.get(".drawer", "The server says")
            take_picture(browser, "reason")
    finally:
        demo.end()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        take_pictures(Path(folder))
