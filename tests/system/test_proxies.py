"""Proxies of the environment and of .env, as requests takes them."""

import pytest

from tests.fakes.house import House
from tests.fakes.scripted_server import ScriptedServer, Served

FEED = Served([{"title": "The Matrix", "imdb_id": "tt0133093"}])


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, STEVENLU_BASE_URL="http://feeds.invalid", RETRY_ATTEMPTS="1")


def test_a_proxy_in_dotenv_is_used_like_one_of_the_environment(house):
    with ScriptedServer([FEED]) as proxy:
        (house.folder / ".env").write_text(f"HTTP_PROXY={proxy.url}\n")
        tested = house.run("lists", "test", "stevenlu:stevenlu", HTTP_PROXY="")

    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert [asked.headers["Host"] for asked in proxy.asked] == ["feeds.invalid"]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_of_the_environment_wins(house, name):
    with ScriptedServer([FEED]) as proxy, ScriptedServer([FEED]) as other:
        (house.folder / ".env").write_text(f"HTTP_PROXY={other.url}\n")
        house.run("lists", "test", "stevenlu:stevenlu", **{name: proxy.url})

    assert (len(proxy.asked), len(other.asked)) == (1, 0)
