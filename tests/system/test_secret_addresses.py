"""Lists that are addresses with a password or a key in them: read with it, and never shown with it."""

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.model.sources import ListRef
from tests.fakes.house import House
from tests.fakes.scripted_server import ScriptedServer, Served


@pytest.mark.parametrize(
    ("list_id", "shown"),
    [
        ("https://joe:SECRET@host/a.json", "https://***@host/a.json"),
        ("https://host/a.json?apikey=SECRET&n=1", "https://host/a.json?apikey=***&n=***"),
        ("https://host/a?n=1&access_token=SECRET", "https://host/a?n=***&access_token=***"),
        ("https://host/a?SECRET", "https://host/a?***"),
        ("https://host/a?n=SECRET SECRET", "https://host/a?n=***"),
        ("https://host/a#token=SECRET", "https://host/a#token=***"),
        ("https://SECRET@host/a", "https://***@host/a"),
        ("https://joe:SEC/RET@host/a", "https://***@host/a"),
        ("https://joe:SEC@RET@host/a", "https://***@host/a"),
        ("https://joe:SEC?RET@host/a", "https://***@host/a"),
        ("host/a?n=SECRET", "host/a?n=***"),
        ("user/list@home", "user/list@home"),
        ("films #1?.csv", "films #1?.csv"),
        ("https://host:8080/@joe/list", "https://host:8080/@joe/list"),
        ("https://host/@joe/list", "https://host/@joe/list"),
    ],
)
def test_a_list_is_shown_without_what_opens_it(list_id, shown):
    assert str(ListRef("file", list_id)) == f"file:{shown}"
    assert ListRef("file", list_id).list_id == list_id


def answer(asked):
    return Served([{"imdb_id": "tt0113277"}]) if asked.query == {"apikey": "SECRET"} else Served(b"", 404)


def test_nothing_that_is_printed_holds_a_secret_of_an_address(tmp_path):
    with DemoServer() as server, ScriptedServer(answer) as files:
        address = files.url.replace("://", "://joe:SECRET@") + "/list.json?apikey=SECRET"
        house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS=address)
        commands = (
            ("sync",),
            ("sync", "--json"),
            ("sync", "--dry-run", "--list", address),
            ("check",),
            ("lists",),
            ("status",),
            ("history",),
            ("why", "tt0113277"),
            ("lists", "test", f"file:{address}"),
        )
        printed = [done.stdout + done.stderr for done in (house.run(*command) for command in commands)]
        log = house.run("run", AUTOMATED_MODE="false", LOG_FORMAT="json", LOG_LEVEL="DEBUG").stdout
        sources = house.query("SELECT DISTINCT provider_source FROM synced_items")

    assert files.asked[0].query == {"apikey": "SECRET"}
    assert "Authorization" in files.asked[0].headers
    for command, text in zip(commands, printed, strict=True):
        assert "SECRET" not in text, command
        assert "/list.json?apikey=***" in text or command in (("status",), ("history",)), command
    assert "SECRET" not in log
    assert "/list.json?apikey=***" in log
    assert "SECRET" not in str(sources)
