"""A site on loopback, a pool of real browsers, and what there is to see of their processes."""

import importlib.util
import shutil
import tempfile
import threading
from pathlib import Path

import pytest

from list_sync.browser import BrowserPool
from tests.browser.site import Site


@pytest.fixture(scope="session")
def browser_installed():
    for name in ("chromium", "chromedriver"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed (apt-get install chromium chromium-driver)")
    if importlib.util.find_spec("seleniumbase") is None:
        pytest.skip("seleniumbase is not installed (make browser)")


@pytest.fixture(autouse=True, scope="module")
def own_temporary_folder(tmp_path_factory):
    """What is left behind can be told from what the tests beside us have there; pytest's paths are too long."""
    # pytest makes its own folder when it is first asked, which must not be in ours.
    tmp_path_factory.getbasetemp()
    before = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="ls-") as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


@pytest.fixture
def site():
    with Site() as site:
        yield site


@pytest.fixture
def make_pool(browser_installed, tmp_path):
    pools = []

    def make(size=1, *, timeout_seconds=120.0, stop=None, **more):
        stop = stop or threading.Event()
        pools.append(BrowserPool(size, stop=stop, folder=tmp_path, timeout_seconds=timeout_seconds, **more))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def pool(make_pool):
    return make_pool()


@pytest.fixture
def short_folder():
    """A folder whose path is as short as those of temporary folders are; pytest's own are too long for a socket."""
    with tempfile.TemporaryDirectory(prefix="ls-") as folder:
        yield Path(folder).resolve()
