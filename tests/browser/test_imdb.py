import json
import threading

from list_sync.api.http.client import HttpClient
from list_sync.model.sources import AttemptOutcome, FetchState, ListRef
from list_sync.providers import FetchContext
from tests.fakes.one_list import fetch_list
from tests.fakes.scripted_server import ScriptedServer, Served

LAST_PAGE = 3
SCRIPT = """<!DOCTYPE html><html><body><script>setTimeout(() => {{
  const data = document.createElement("script");
  data.id = "__NEXT_DATA__";
  data.type = "application/json";
  data.textContent = JSON.stringify({data});
  document.body.append(data);
}}, 100)</script></body></html>"""


def properties(number):
    edges = [{"listItem": {"id": f"tt90000{number}{one}", "titleText": {"text": f"{number}.{one}"}}} for one in (1, 2)]
    search = {"total": 2 * LAST_PAGE, "edges": edges if number <= LAST_PAGE else []}
    return {"props": {"pageProps": {"mainColumnData": {"list": {"titleListItemSearch": search}}}}}


def imdb(asked):
    """Answer as IMDb does where GraphQL is shut: its pages need a browser, which puts the data in by script."""
    if asked.method == "POST":
        return Served("<html><body>403 Forbidden</body></html>", 403)
    if not asked.path.startswith("/list/ls000000001"):
        return Served("<html><body><script id='__NEXT_DATA__'>{}</script>Not here</body></html>", 404)
    return Served(SCRIPT.format(data=json.dumps(properties(int(asked.query.get("page", 1))))))


def read(list_id, server, pool):
    http = HttpClient("imdb", retry_attempts=1)
    context = FetchContext(http=http, base_url=server.url, overridden=True, browser=pool, pace_seconds=0.05)
    try:
        return fetch_list(ListRef("imdb", list_id), make_context=lambda _: context, stop=threading.Event())
    finally:
        http.close()


def test_where_graphql_is_shut_the_pages_come_by_browser_to_the_last(pool):
    with ScriptedServer(imdb) as server:
        result = read("ls000000001", server, pool)

    assert [item.title for item in result.items] == ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2"]
    assert (result.state, result.route) == (FetchState.COMPLETE, "browser")
    assert (result.attempts[0].route, result.attempts[0].outcome) == ("graphql", AttemptOutcome.BLOCKED)


def test_a_list_that_is_not_there_is_missing_by_browser_too(pool):
    with ScriptedServer(imdb) as server:
        result = read("ls000000002", server, pool)

    assert result.state is FetchState.FAILED
    assert (result.attempts[-1].route, result.attempts[-1].outcome) == ("browser", AttemptOutcome.MISSING)
