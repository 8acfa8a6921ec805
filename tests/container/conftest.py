"""An engine that answers, neighbours to talk to, and data folders to live in."""

import statistics
from pathlib import Path

import pytest

from tests.container import next_version
from tests.container.engine import (
    FULL_IMAGE,
    IMAGE,
    LABEL,
    ROUNDS,
    Container,
    Neighbours,
    docker,
    find_problem,
    has_image,
)
from tests.container.home import Home

PROGRAM = Path(__file__).with_name("neighbours_program.py")


def pytest_sessionstart(session):
    problem = find_problem()
    if problem is None and not has_image(IMAGE):
        problem = f"the image cannot be tried: there is no {IMAGE}; make image builds it"
    if problem:
        pytest.exit(problem, returncode=1)


def pytest_generate_tests(metafunc):
    if "round_number" in metafunc.fixturenames:
        metafunc.parametrize("round_number", range(1, ROUNDS + 1))


def pytest_terminal_summary(terminalreporter):
    """Show what the tests measured, as the smallest, the middle and the largest value of each."""
    measured = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        if report.when == "call":
            name = report.location[2].partition("[")[0]
            for what, value in report.user_properties:
                measured.setdefault((name, what), []).append(value)
    for (name, what), values in measured.items():
        figures = f"{min(values)}, {statistics.median(values)}, {max(values)}"
        terminalreporter.write_line(f"{name}: {what}: {len(values)} times: {figures}")


@pytest.fixture
def full_image():
    if not has_image(FULL_IMAGE):
        pytest.skip(f"there is no {FULL_IMAGE}; make image builds it")
    return FULL_IMAGE


@pytest.fixture(scope="session")
def build_next_image(tmp_path_factory):
    """Build an image of a version to come; its migration does its work so many times."""
    built = {}

    def build_next_image(times):
        if times not in built:
            built[times] = next_version.build(tmp_path_factory.mktemp("next"), times)
        return built[times]

    yield build_next_image
    for name in built.values():
        docker("rmi", "--force", name)


@pytest.fixture
def neighbours():
    neighbours = Neighbours(PROGRAM, synthetic_films=10_000)
    yield neighbours
    neighbours.close()


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def start(neighbours):
    """Start containers beside the neighbours; they are gone after the test."""
    started = []

    def start(*command, home=None, options=(), **settings):
        mount = home.mount if home else ()
        started.append(
            Container.run(*command, options=(*neighbours.network, *mount, *options), **neighbours.settings(**settings))
        )
        return started[-1]

    yield start
    for container in started:
        container.remove()


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind():
    yield
    left = docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}").stdout.split()
    for container in left:
        docker("rm", "--force", "--volumes", container)
    assert left == []
