"""The `full` image: three browsers at once within the limits of docker/performance.yml, and nothing left of them."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.container.compose import REPOSITORY, Project, find_problem
from tests.container.engine import DOCKER, IMAGE, LABEL, TIMEOUT_SECONDS, docker
from tests.container.home import FIRST_FILM, OWNER
from tests.container.memory import Watch
from tests.fakes.house import wait_until

pytestmark = pytest.mark.skipif(find_problem() is not None, reason=find_problem() or "")

SITES = 4
PAGES_OF_A_SITE = 3
SERVE = f"""
import sys
sites = [Site() for _ in range({SITES})]
for site in sites:
    site.__enter__()
print(*(site.url.rpartition(":")[2] for site in sites), flush=True)
sys.stdin.read()
print(*(len(site.visits) for site in sites), flush=True)
"""
PROVIDER = f'''
"""Lists that are pages which need a browser; a list is named by the port at which its site is."""

from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import register_provider


@register_provider("pages")
def fetch(list_id, *, context):
    url = f"http://127.0.0.1:{{list_id}}/scripted"
    pages = context.browser.read_pages(url, service="pages", wait_for=".item", then_click="#next", pause_seconds=0.3)
    for number, html in enumerate(pages):
        assert f"page {{number + 1}} item 3" in html
        film = MediaItem("Film", MediaType.MOVIE, None, MediaIds(tmdb={FIRST_FILM} + number))
        yield Page([film], total={PAGES_OF_A_SITE})
'''
# In the form of the users' guide: it starts a browser itself.
OWN_BROWSER = f"""
from seleniumbase import SB
from list_sync.providers import register_provider


@register_provider("own")
def fetch(list_id):
    films = []
    with SB(uc=True, headless=True) as sb:
        sb.open(f"http://127.0.0.1:{{list_id}}/catalogue")
        sb.wait_for_element(".media-item", timeout=60)
        while True:
            for element in sb.find_elements(".media-item"):
                title = element.find_element("css selector", ".title").text
                number = int(title.removeprefix("Film ")) - 1
                films.append({{"title": title, "media_type": "movie", "tmdb_id": {FIRST_FILM} + number}})
            if not sb.find_element(".pagination-next").is_enabled():
                return films
            sb.click(".pagination-next")
"""
OURS = {"tini", "list-sync"}


@pytest.fixture
def sites(neighbours):
    """Sites on the loopback that the neighbours share with the containers under test."""
    program = (REPOSITORY / "tests" / "browser" / "site.py").read_text() + SERVE
    start = [DOCKER, "run", "--interactive", "--rm", "--label", LABEL, *neighbours.network, "--user", "65534:65534"]
    python = ["--entrypoint", "/opt/list-sync/bin/python", IMAGE, "-u", "-c", program]
    with subprocess.Popen([*start, *python], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()
        process.wait(TIMEOUT_SECONDS)


@pytest.fixture(params=["PAGES"])
def project(request, tmp_path, neighbours, sites, full_image):
    ports = ",".join(sites.stdout.readline().split())
    (tmp_path / "config" / "providers").mkdir(parents=True)
    (tmp_path / "config" / "providers" / "pages.py").write_text(PROVIDER)
    (tmp_path / "config" / "providers" / "own.py").write_text(OWN_BROWSER)
    settings = neighbours.settings(PUID=OWNER, PGID=OWNER, CACHE_TTL="0")
    files = ("docker-compose.yml", "docker/performance.yml")
    project = Project(tmp_path, neighbours, *files, services=("listsync",), image=full_image, **settings)
    override = Path(tmp_path / "docker-compose.override.yml")
    services = json.loads(override.read_text())
    services["services"]["listsync"]["environment"] = {f"{request.param}_LISTS": ports}
    override.write_text(json.dumps(services))
    yield project
    project.remove()


def browsers(container):
    return [name for _, _, name in container.processes()].count("chromedriver")


def test_three_browsers_read_twelve_pages_within_the_limits_and_leave_nothing(project, neighbours, record_property):
    project.up()
    container = project.container()
    most = 0
    with Watch(container) as watch:
        while "next sync at" not in container.log:
            most = max(most, browsers(container))
    record_property("browsers at once", most)
    record_property("megabytes with three browsers", watch.peak // 2**20)

    assert "4 lists" in container.closings()[-1]
    assert "not read" not in container.closings()[-1], container.log
    assert neighbours.requested() == [FIRST_FILM + number for number in range(PAGES_OF_A_SITE)]
    assert most == 3
    assert watch.peak < 2 * 2**30
    assert container.inspect("{{.State.OOMKilled}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}") == (
        f"false {2 * 2**30} 1000"
    )
    assert_nothing_is_left(container)
    for _ in range(2):
        container.execute("list-sync", "--sync-now")
        assert_nothing_is_left(container)
    assert len(container.closings()) == 3
    assert container.stop()[0] == 0


@pytest.mark.parametrize("project", ["OWN"], indirect=True)
def test_a_provider_that_starts_browsers_itself_reads_all_titles_and_leaves_nothing(project, neighbours):
    project.up()
    container = project.container()
    container.wait_for("next sync at", seconds=300)

    assert container.log.count(": 10 titles, ") == SITES, container.log
    assert sorted(neighbours.requested()) == [FIRST_FILM + number for number in range(10)]
    assert_nothing_is_left(container)
    assert container.stop()[0] == 0


def assert_nothing_is_left(container):
    wait_until(lambda: {name for _, _, name in container.processes()} <= OURS | {"sh", "sleep"})
    processes = container.processes()
    assert [process for process in processes if process[1] == "Z"] == []
    assert {name for _, _, name in processes} - {"sh", "sleep"} == OURS
    left = container.execute("sh", "-c", "ls -A /tmp").stdout.split()
    assert left == []


def test_a_browser_is_gone_when_the_container_is_stopped_while_it_reads(project, record_property):
    project.up()
    container = project.container()
    wait_until(lambda: browsers(container) >= 1)

    code, seconds = container.stop(seconds=20)

    record_property("seconds", round(seconds, 2))
    assert (code, seconds < 8.0) == (0, True), container.log
    assert docker("top", container.name, check=False).returncode != 0
