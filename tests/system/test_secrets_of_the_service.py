"""Secrets in every setting that holds one, a sync with them, and everything that the service then tells."""

import re
import signal
from functools import partial

import pytest
import requests
from pydantic import SecretStr

from list_sync.config.names import secret_names
from list_sync.config.settings import FIELDS, GENERAL_CREDENTIALS
from list_sync.demo.server.demo_server import DemoServer
from list_sync.providers import available_providers, get_provider
from tests.fakes.house import House, wait_until
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.ports import find_free_port
from tests.fakes.scripted_server import ScriptedServer, Served

MARK = "MARKEDSECRET"
PAGES = ("/", "/lists", "/items", "/review", "/plan", "/runs", "/settings", "/settings/audit", "/settings/tokens")
NOWHERE = "127.0.0.1:9"
# Addresses that people write with a name and a password, or whose path is the secret.
ADDRESSES = {
    "REDIS_URL": f"redis://:{MARK}redis@{NOWHERE}/0",
    "HEALTHCHECKS_URL": f"http://{NOWHERE}/{MARK}ping",
    "DISCORD_WEBHOOK_URL": f"https://discord.com/api/webhooks/1234567890/{MARK}discord",
    "NOTIFY_URLS": f"json://joe:{MARK}notify@{NOWHERE}/{MARK}path",
    "MQTT_URL": f"mqtt://joe:{MARK}mqtt@{NOWHERE}",
    **{f"{name}_URL": f"http://joe:{MARK}{name}@{NOWHERE}" for name in ("JELLYFIN", "PLEX", "RADARR", "SONARR")},
}


def marked_settings():
    """Return a marked value for every setting that is a secret."""
    own = [
        name for name in available_providers() if get_provider(name).routes[0].fetch.__module__.startswith("list_sync.")
    ]
    secrets = {name.upper() for name, field in FIELDS.items() if SecretStr in getattr(field.annotation, "__args__", ())}
    # The names of users are shown; what is a secret may be in config.enc.
    credentials = {credential for name in own for credential in available_providers()[name].credentials}
    secrets |= credentials & set(secret_names(available_providers().values()))
    names = {*secrets, *GENERAL_CREDENTIALS} - {*ADDRESSES, "OVERSEERR_API_KEY", "CONFIG_PASSPHRASE"}
    assert {"API_TOKEN", "WEBHOOK_SECRET", "TRAKT_CLIENT_SECRET", "CACHE_KEY"} <= names
    return {name: f"{MARK}{name}".replace("_", "") for name in names} | ADDRESSES


@pytest.fixture
def sources():
    with ScriptedServer(
        lambda asked: Served([{"imdb_id": "tt0113277"}]) if "good" in asked.path else Served(b"", 404)
    ) as it:
        yield it


@pytest.fixture
def receiver():
    with ScriptedServer([Served("OK")]) as it:
        yield it


@pytest.fixture
def house(tmp_path, sources, receiver):
    with DemoServer() as server:
        address = sources.url.replace("://", f"://joe:{MARK}file@")
        house = House(
            tmp_path,
            **{
                **marked_settings(),
                "NOTIFY_URLS": f"{ADDRESSES['NOTIFY_URLS']}, {receiver.url.replace('http://', f'json://joe:{MARK}told@')}",
                # What goes to Discord ends here.
                "HTTPS_PROXY": f"http://{NOWHERE}",
                "OVERSEERR_URL": server.url.replace("://", f"://joe:{MARK}url@"),
                "OVERSEERR_API_KEY": server.api_key,
                "FILE_LISTS": f"{address}/good.json?apikey={MARK}good,{address}/bad.json?apikey={MARK}bad",
                "WEB_ENABLED": "true",
                "WEB_PORT": str(find_free_port()),
                "LOG_LEVEL": "DEBUG",
                "RETRY_ATTEMPTS": "0",
            },
        )
        yield house
        house.end()


def test_no_answer_log_line_metric_event_message_or_line_of_the_audit_log_holds_a_secret(house, receiver):
    daemon = house.start()
    daemon.wait_for("next sync at")
    address = f"http://127.0.0.1:{house.settings['WEB_PORT']}"
    right = {"Authorization": f"Bearer {house.settings['API_TOKEN']}"}
    ask = partial(requests.request, timeout=PATIENCE_SECONDS)
    paths = ask("GET", f"{address}/openapi.json", headers=right).json()["paths"]
    (good, _) = house.settings["FILE_LISTS"].split(",")
    answers = []

    def is_over(order):
        run = ask("GET", address + order.headers["Location"], headers=right).json()
        return run["status"] not in ("queued", "running")

    with ask("GET", f"{address}/api/events", headers=right, stream=True) as stream:
        for body in ({"list": f"file:{good}"}, {}):
            order = ask("POST", f"{address}/api/sync", headers=right, json=body)
            wait_until(partial(is_over, order), "the end of the sync")
        for line in stream.iter_lines():
            answers.append(line.decode())
            if "completed" in answers[-1]:
                break
    for path, methods in paths.items():
        if path == "/api/events":
            continue
        target = address + re.sub(r"\{[^}]*\}", "1", path)
        for method in {method.upper() for method in methods} | {"GET", "OPTIONS"}:
            bodies = ({}, {"list": f"file:{good}"}, {"target": MARK, "title": MARK, "for": MARK})
            given = [{"headers": right, "json": body} for body in bodies] if method not in ("GET", "OPTIONS") else []
            for options in (*given, {"headers": right}, {}):
                answer = ask(method, target, **options)
                answers.append(f"{path} {answer.status_code} {answer.headers} {answer.text}")
    answers.append(ask("GET", f"{address}/api/lists", headers={"Authorization": f"Bearer {MARK}"}).text)
    wait_until(lambda: receiver.asked, "a message")
    person = requests.Session()
    for password in (f"{MARK}typed", house.settings["WEB_PASSWORD"]):
        person.post(f"{address}/login", data={"password": password})
    shown = [person.get(address + path) for path in PAGES]
    assert [page.url.removeprefix(address) for page in shown] == [*PAGES]
    answers += [page.text for page in shown]
    told = {
        "log": daemon.output,
        "messages": "".join(one.body.decode() for one in receiver.asked),
        "test of messages": house.run("notify", "test").stderr + house.run("notify", "test", "--json").stdout,
        "check": house.run("check", "--offline").stdout,
        "audit": house.run("web", "audit", "--json").stdout,
        "status": house.run("status", "--json").stdout + house.run("status").stdout,
        **{f"answer {number}": answer for number, answer in enumerate(answers)},
    }

    assert any("listsync_" in answer for answer in answers)
    assert any("bad.json" in answer for answer in answers)
    assert "bad.json" in told["messages"]
    assert "Discord takes no message" in told["log"]
    assert "MQTT_URL: the broker at 127.0.0.1:9 cannot be used" in told["log"]
    # What is asked for may be told again; only secrets of the settings may not.
    echoed = re.compile(rf"{MARK}(?![A-Za-z])")
    secret = "|".join((MARK, *map(re.escape, (house.settings["OVERSEERR_API_KEY"], *person.cookies.values()))))
    found = {where: re.search(f".{{0,100}}({secret}).{{0,40}}", echoed.sub("", text)) for where, text in told.items()}
    assert {where: hit[0] for where, hit in found.items() if hit} == {}
    assert daemon.stop(signal.SIGTERM) == 0
