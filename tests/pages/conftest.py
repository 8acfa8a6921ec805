"""The pages of a daemon that runs the demo, in real Chromium."""

import importlib.util
import shutil
from contextlib import contextmanager

import pytest

from tests.fakes.house import House
from tests.fakes.ports import find_free_port


@pytest.fixture(scope="session")
def chromium_installed():
    for name in ("chromium", "chromedriver"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed (apt-get install chromium chromium-driver)")
    if importlib.util.find_spec("selenium") is None:
        pytest.skip("selenium is not installed (make browser)")


@pytest.fixture(scope="session")
def axe_installed():
    from tests.pages.chromium import AXE

    if not AXE.exists():
        pytest.skip("axe-core is not installed (make .venv/npm)")


@contextmanager
def browsers(folder):
    """Give a function that opens browsers with profiles of their own, and close them all."""
    from tests.pages.chromium import Chromium

    opened = []

    def open_one(**options):
        opened.append(Chromium(folder / f"profile-{len(opened)}", **options))
        return opened[-1]

    try:
        yield open_one
    finally:
        for one in opened:
            one.close()


@pytest.fixture
def open_browser(chromium_installed, tmp_path):
    with browsers(tmp_path) as open_one:
        yield open_one


@pytest.fixture(scope="module")
def open_browser_of_module(chromium_installed, tmp_path_factory):
    with browsers(tmp_path_factory.mktemp("browsers")) as open_one:
        yield open_one


class Demo:
    """The demo as its own process, and who may come in."""

    def __init__(self, folder):
        self.house = House(folder, WEB_ENABLED="true", WEB_PORT=str(find_free_port()), DATA_DIR=str(folder / "data"))
        self.host = f"127.0.0.1:{self.house.settings['WEB_PORT']}"
        self.address = f"http://{self.host}"
        self.process = self.house.start("demo")
        self.process.wait_for("Sync completed")

    @property
    def token(self):
        return (self.house.data / "demo" / "api_token").read_text().strip()

    def log_in(self, browser):
        """Log in as a person does, with the token as password."""
        browser.open(f"{self.address}/login")
        browser.fill("input[type=password]", self.token)
        browser.click("main button", "Log in")
        browser.wait_for(lambda: not browser.path.startswith("/login"), "the log-in")

    def end(self):
        self.house.end()


@pytest.fixture(scope="module")
def demo(chromium_installed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    (folder / "data").mkdir()
    demo = Demo(folder)
    yield demo
    demo.end()
