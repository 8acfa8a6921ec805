"""The service of containers that compose starts: what is published, what its tokens open, and how it ends."""

import contextlib

import pytest
import requests

from list_sync.demo.server.backend import API_KEY
from tests.container.compose import Project, find_problem
from tests.container.conftest import PROGRAM
from tests.container.engine import Neighbours
from tests.container.home import OWNER, Home, film, give_to, ids
from tests.fakes.house import wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port

pytestmark = pytest.mark.skipif(find_problem() is not None, reason=find_problem() or "")

PROMISED_SECONDS = 8.0
# An address of this machine's own, whose ports nothing else uses.
BIND = "127.0.0.77"
NO_SERVER = {"URL": "http://127.0.0.1:9", "API_KEY": "key"}
LIVE = "import requests; print(requests.get('http://127.0.0.1:5000/health/live').status_code)"


@pytest.fixture
def open_project(tmp_path):
    projects = []

    def open_project(*files, services=("listsync",), **settings):
        projects.append(
            Project(tmp_path, None, *files, services=services, WEB_BIND=BIND, PUID=OWNER, PGID=OWNER, **settings)
        )
        return projects[-1]

    yield open_project
    for project in projects:
        project.remove()


@pytest.fixture
def beside():
    """Start neighbours in the network of a container."""
    with contextlib.ExitStack() as stack:

        def beside(container, port):
            neighbours = Neighbours(PROGRAM, network=f"container:{container.name}", port=port, synthetic_films=10)
            return stack.enter_context(contextlib.closing(neighbours))

        yield beside


def get(url, **more):
    return requests.get(url, timeout=PATIENCE_SECONDS, **more)


def status_of(url):
    """Return the status of an answer, or None if nothing answers."""
    try:
        return get(url).status_code
    except requests.ConnectionError:
        return None


def test_the_service_answers_where_docker_publishes_it_and_ends_in_mid_run(
    tmp_path, open_project, beside, record_property
):
    home = Home(tmp_path)
    home.write_list(film(1), film(2))
    port, server = find_free_port(), find_free_port()
    url, settings = f"http://{BIND}:{port}", {"OVERSEERR_URL": f"http://127.0.0.1:{server}", "FILE_LISTS": "films.json"}
    project = open_project(**settings, OVERSEERR_API_KEY=API_KEY, WEB_PORT=port)
    project.up()
    container = project.container()
    neighbours = beside(container, server)
    wait_until(lambda: neighbours.requested() == ids([1, 2]))
    wait_until(lambda: status_of(f"{url}/health") == 200)

    assert get(f"{url}/health").json()["checks"]["overseerr_api"] == "healthy"
    assert "listsync_build_info" in get(f"{url}/metrics").text
    assert get(f"{url}/api/summary").status_code == 401
    token = container.execute("cat", "data/api_token").stdout.strip()
    assert container.execute("stat", "-c", "%a %u", "data/api_token").stdout == f"600 {OWNER}\n"
    assert token not in container.log
    headers = {"Authorization": f"Bearer {token}"}
    assert get(f"{url}/api/summary", headers=headers).json()["status"] == "ok"
    assert container.inspect("{{.HostConfig.RestartPolicy.Name}}") == "unless-stopped"

    neighbours.server.faults.set(only="POST /api/v1/request", slow_seconds=60.0)
    home.write_list(film(1), film(2), film(3))
    with get(f"{url}/api/events", headers=headers, stream=True) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"retry: 3000"
        wait_until(lambda: len(neighbours.server.posts_by_title()) == 3)
        code, seconds = container.stop(seconds=20)
        record_property("seconds", round(seconds, 2))
        assert (code, seconds < PROMISED_SECONDS) == (0, True), container.log
        assert any(line.startswith(b"event: ") for line in lines)
    assert home.leftovers() == []


def test_three_instances_are_published_at_three_ports(open_project):
    servers = {f"{name}_{what}": text for name in ("MAIN", "UHD", "TV") for what, text in NO_SERVER.items()}
    services = ("listsync-main", "listsync-4k", "listsync-tv")
    project = open_project("docker/multi.yml", services=services, **servers)
    project.up()

    for port in (5000, 5001, 5002):
        wait_until(lambda port=port: status_of(f"http://{BIND}:{port}/health/live") == 200)


def test_the_service_of_the_secure_file_answers_inside_only(tmp_path, open_project):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "data").mkdir()
    for name, text in (("overseerr_url", NO_SERVER["URL"]), ("api_key", NO_SERVER["API_KEY"])):
        (tmp_path / "secrets" / f"{name}.txt").write_text(text)
    give_to(OWNER, tmp_path / "secrets")
    give_to(OWNER, tmp_path / "data")
    port = find_free_port()
    project = open_project("docker-compose.yml", "docker/secure.yml", WEB_PORT=port)
    project.up()
    container = project.container()
    container.wait_for("next sync at")

    assert container.execute("python", "-c", LIVE).stdout == "200\n"
    assert status_of(f"http://{BIND}:{port}/health/live") is None
    assert container.stop()[0] == 0


def test_a_service_that_is_off_leaves_no_trace(tmp_path, open_project):
    port = find_free_port()
    servers = {f"OVERSEERR_{what}": text for what, text in NO_SERVER.items()}
    project = open_project(**servers, WEB_ENABLED="false", WEB_PORT=port)
    project.up()
    container = project.container()
    container.wait_for("next sync at")

    assert status_of(f"http://{BIND}:{port}/health/live") is None
    assert container.execute("python", "-c", LIVE, check=False).returncode != 0
    assert not (tmp_path / "data" / "api_token").exists()
    assert "token" not in container.log
