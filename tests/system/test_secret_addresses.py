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
        ("https://host/a.json?apikey=SECRET&n=1", "https://host/a.json?apikey=***&n=1"),
        ("https://host/a?n=1&access_token=SECRET", "https://host/a?n=1&access_token=***"),
        ("user/list@home", "user/list@home"),
        ("https://host/@joe/list", "https://host/@joe/list"),
    ],
)
def test_a_list_is_shown_without_what_opens_it(list_id, shown):
    assert str(ListRef("file", list_id)) == f"file:{shown}"
    assert ListRef("file", list_id).list_id == list_id


def test_nothing_that_is_printed_holds_a_secret_of_an_address(tmp_path):
    with DemoServer() as server, ScriptedServer([Served(b"", 404)]) as files:
        address = files.url.replace("://", "://joe:SECRET@") + "/list.json?apikey=SECRET"
        house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS=address)
        commands = (("sync",), ("check",), ("lists",), ("status",), ("lists", "test", f"file:{address}"))
        printed = [done.stdout + done.stderr for done in (house.run(*command) for command in commands)]

    assert files.asked[0].query == {"apikey": "SECRET"}
    assert "Authorization" in files.asked[0].headers
    for command, text in zip(commands, printed, strict=True):
        assert "SECRET" not in text, command
        assert "/list.json?apikey=***" in text, command
