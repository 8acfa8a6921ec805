"""Whose processes and files they are: any uid without rights, a folder that docker made, secrets of somebody else."""

import pytest

from tests.container.engine import DATA, NO_CAPABILITY, Container, docker
from tests.container.home import give_to
from tests.fakes.house import wait_until

FACTS = "id -u; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; touch /usr/src/app/x 2>/dev/null && echo writable; "
MATRIX = {"title": "The Matrix", "year": 1999, "media_type": "movie", "tmdb_id": 603}


@pytest.mark.parametrize("user", [1000, 4242])
@pytest.mark.parametrize("place", ["a new volume", "a folder of the host"])
def test_the_demo_syncs_without_network_rights_or_a_place_to_write_but_its_data(tmp_path, user, place):
    give_to(user, tmp_path)
    mount = () if place == "a new volume" else ("--volume", f"{tmp_path}:{DATA}")
    container = Container.run(
        *("sh", "-c", f"{FACTS} exec list-sync demo --once"),
        options=("--network", "none", "--user", f"{user}:{user}", *NO_CAPABILITY, *mount),
    )
    try:
        assert container.wait() == 0, container.log
        lines = container.log.splitlines()
        left = set(docker("diff", container.name).stdout.split())
    finally:
        container.remove()

    assert lines[0] == str(user)
    assert lines[1].split() == ["CapEff:", "0" * 16]
    assert lines[2].split() == ["NoNewPrivs:", "1"]
    assert "writable" not in lines
    assert any(line.startswith("calls to the server: ") for line in lines)
    assert "INFO Sync completed: 9 lists" in lines[-1]
    assert not left


@pytest.mark.parametrize("user", [1000, 4242])
def test_a_folder_that_docker_made_as_root_is_taken_over(home, neighbours, start, user):
    container = start(options=("--volume", f"{home.data}:{DATA}"), PUID=str(user), PGID=str(user + 1))
    container.wait_for("Sync completed")

    owners = {path: (path.stat().st_uid, path.stat().st_gid) for path in (home.data, *home.data.rglob("*"))}
    assert set(owners.values()) == {(user, user + 1)}, owners
    inside = container.execute("list-sync", "health")
    assert inside.stdout == "healthy\n"
    processes = docker("top", container.name, "-eo", "pid,uid,comm").stdout.splitlines()[1:]
    assert {line.split()[1] for line in processes if "tini" not in line} == {str(user)}


def test_what_root_left_in_the_folder_is_taken_over_and_what_others_own_is_left_alone(home, start):
    home.write_list(MATRIX)
    (home.data / "drop" / "old.csv").write_text("kept")
    (home.data / "drop" / "others.csv").write_text("kept")
    give_to(0, home.data)
    give_to(4242, home.data / "drop" / "others.csv")
    container = start(home=home, FILE_LISTS="films.json", PUID="1000", PGID="1000")
    container.wait_for("Sync completed")

    assert (home.data / "drop" / "old.csv").stat().st_uid == 1000
    assert (home.data / "drop" / "others.csv").stat().st_uid == 4242


def test_root_is_no_user_to_run_as(start, home):
    container = start(home=home, PUID="0")

    assert container.wait() == 2
    assert "PUID=0 is root" in container.log


def test_a_folder_of_somebody_else_stops_it_with_the_command_that_helps(start, home):
    home.data.mkdir()
    home.data.chmod(0o755)
    give_to(4242, home.data)
    container = start(options=("--user", "1000:1000", "--volume", f"{home.data}:{DATA}"))

    assert container.wait() == 2
    assert "belongs to user 4242" in container.log
    assert "sudo chown -R 1000:1000 ./data" in container.log


def test_a_secret_of_somebody_else_is_named_with_its_owner_and_our_user(tmp_path, start, home):
    secret = tmp_path / "api_key.txt"
    secret.write_text("very-secret")
    secret.chmod(0o600)
    give_to(4242, secret)
    mounted = ("--volume", f"{secret}:/run/secrets/api_key:ro")
    container = start(
        home=home, options=mounted, OVERSEERR_API_KEY="", OVERSEERR_API_KEY_FILE="/run/secrets/api_key", PUID="1000"
    )

    assert container.wait() == 2
    log = container.log
    assert "OVERSEERR_API_KEY_FILE: /run/secrets/api_key may not be read" in log
    assert "belongs to user 4242 with mode 0600" in log
    assert "runs as user 1000" in log
    assert "very-secret" not in log


def test_a_secret_that_may_be_read_is_used(tmp_path, neighbours, start, home):
    home.write_list(MATRIX)
    secret = tmp_path / "api_key.txt"
    secret.write_text(neighbours.addresses["key"] + "\n")
    secret.chmod(0o600)
    give_to(1000, secret)
    mounted = ("--volume", f"{secret}:/run/secrets/api_key:ro")
    container = start(
        *("list-sync", "sync"),
        home=home,
        options=mounted,
        FILE_LISTS="films.json",
        OVERSEERR_API_KEY="",
        OVERSEERR_API_KEY_FILE="/run/secrets/api_key",
        PUID="1000",
    )

    assert container.wait() == 0, container.log
    wait_until(lambda: neighbours.requested() == [603])
    assert secret.stat().st_uid == 1000
