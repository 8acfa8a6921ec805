"""Adding a list: what is pasted is recognised and read beside the syncs, and nothing is kept of it."""

import pytest

from list_sync.demo.sources.sample_sources import SampleSources
from tests.fakes.patience import wait_until

ADDRESS = "https://www.imdb.com/chart/top/"


@pytest.fixture(scope="module")
def all_sources():
    with SampleSources() as running:
        yield running


@pytest.fixture
def sources(all_sources):
    all_sources.reset_calls()
    return all_sources


@pytest.fixture
def reader(start_service, sources):
    """A service that can read the sample sources."""
    return start_service(reads_lists=True, IMDB_BASE_URL=sources.url("imdb"), TRAKT_BASE_URL=sources.url("trakt"))


def paste(running, open_page, text):
    """Return the page after a text was pasted and the list was read."""
    page = open_page("/add", running=running)
    token = page.tree.css_first("main input[name=csrf]").attributes["value"]
    answer = running.post(
        "/add", data={"address": text, "csrf": token or ""}, headers={"Accept": "text/html"}, allow_redirects=False
    )
    if answer.status_code != 303:
        return answer
    path = answer.headers["Location"]
    return wait_until(lambda: page if not (page := open_page(path, running=running)).find("#steps[data-poll]") else 0)


def test_a_pasted_address_is_recognised_and_read(reader, open_page, sources):
    page = paste(reader, open_page, ADDRESS)

    assert page.status == 200
    assert "Recognised: IMDb" in page.find("h2")
    assert "imdb: top" in page.text
    assert "complete" in page.tree.css_first("#reading .badge use").attributes["href"]
    assert 1 <= len(page.find(".wall li")) <= 12
    assert sources.calls
    assert reader.daemon.woken == 0


def test_what_is_no_list_is_said_beside_the_box_with_what_was_typed(reader, open_page):
    answer = paste(reader, open_page, "https://trakt.tv/users/ben?<b>")

    assert answer.status_code == 422
    assert "This is a user on Trakt, not a list." in answer.text
    assert "?&lt;b&gt;" in answer.text


def test_what_a_source_lacks_is_asked_for_on_the_page(reader, open_page):
    page = paste(reader, open_page, "trakt:ben/slow-sunday")

    assert page.find("#reading a") == ["Set TRAKT_CLIENT_ID"]
    assert page.find("#reading .badge") == ["not read"]
    assert page.find(".wall") == []


def test_an_address_of_this_machine_is_not_read(reader, open_page, sources):
    page = paste(reader, open_page, f"{sources.root_url}/list.json")

    assert "private network, is refused" in page.text
    assert sources.calls == []


def test_a_list_that_is_synced_already_is_named_with_its_page(start_service, open_page, sources):
    running = start_service(reads_lists=True, IMDB_LISTS="top", IMDB_BASE_URL=sources.url("imdb"))
    page = paste(running, open_page, ADDRESS)

    assert "This list is synced already." in page.text


def test_the_api_tells_of_a_list_what_the_page_shows(reader):
    asked = reader.post("/api/lists/preview", json={"list": ADDRESS})
    assert asked.status_code == 202
    path = asked.headers["Location"]
    told = wait_until(lambda: found if (found := reader.get(path).json())["state"] == "read" else None)

    assert told["list"] == "imdb:top"
    assert told["reading"]["state"] == "complete"
    assert told["reading"]["films"] == told["reading"]["items"] == told["reading"]["expected"]
    assert told["first_titles"][0]["title"]
    assert reader.post("/api/lists/preview", json={"list": ADDRESS}).json()["preview_id"] == told["preview_id"]
    assert reader.get("/api/lists/preview/no-such-preview").status_code == 404
    assert reader.post("/api/lists/preview", json={"list": "https://trakt.tv/users/ben"}).status_code == 422


def test_before_the_server_is_set_no_list_is_read(service):
    answer = service.post("/api/lists/preview", json={"list": ADDRESS})

    assert answer.status_code == 409
    assert "OVERSEERR_URL" in answer.json()["detail"]


@pytest.fixture
def writer(start_service, sources, tmp_path):
    """A service that can read the sample sources and write lists.yaml."""
    return start_service(reads_lists=True, IMDB_BASE_URL=sources.url("imdb"), CONFIG_DIR=str(tmp_path / "config"))


def send(running, open_page, page, selector, button, **fields):
    """Return the answer to a form of a page: its own fields, those that are given, and the button that is pressed."""
    form = page.tree.css_first(selector)
    assert form.css_first(f"button[name=do][value={button}]") is not None
    own = {one.attributes["name"]: one.attributes.get("value") or "" for one in form.css("input")}
    return running.post(
        form.attributes["action"],
        data=own | {"do": button} | fields,
        headers={"Accept": "text/html"},
        allow_redirects=False,
    )


def follow(running, open_page, answer):
    assert answer.status_code == 303, answer.text
    return open_page(answer.headers["Location"].partition("#")[0], running=running)


def test_what_is_written_is_shown_before_it_is_written_and_can_be_taken_back(writer, open_page, tmp_path):
    file = tmp_path / "config" / "lists.yaml"
    page = paste(writer, open_page, ADDRESS)
    typed = {"name": "The best: all", "quality": "4k", "max_new_per_day": "5"}
    shown = follow(writer, open_page, send(writer, open_page, page, "#terms form", "lines", **typed))

    assert not file.exists()
    lines = [line.partition("new: ")[2] for line in shown.find(".diff [data-kind=new]")]
    assert lines[-4:] == ["- source: imdb:top", 'name: "The best: all"', "quality: 4k", "max_new_per_day: 5"]
    added = send(writer, open_page, shown, "#written form", "add")
    assert added.headers["Location"] == "/lists"
    assert "source: imdb:top" in file.read_text()
    assert "enabled" not in file.read_text()
    assert writer.daemon.woken == 0

    form = open_page("/lists", running=writer, cookies=added.cookies).tree.css_first(".toast form")
    assert form.attributes["action"] == "/lists/undo"
    fields = {one.attributes["name"]: one.attributes.get("value") or "" for one in form.css("input")}
    assert writer.post("/lists/undo", data=fields, allow_redirects=False).status_code == 303
    assert "imdb:top" not in file.read_text()


def test_a_list_that_is_added_paused_is_not_read(writer, open_page, tmp_path):
    page = paste(writer, open_page, ADDRESS)
    shown = follow(writer, open_page, send(writer, open_page, page, "#terms form", "lines"))
    send(writer, open_page, shown, "#written form", "paused")

    assert "enabled: off" in (tmp_path / "config" / "lists.yaml").read_text()


def test_lines_that_were_overtaken_are_not_written(writer, open_page, tmp_path):
    page = paste(writer, open_page, ADDRESS)
    shown = follow(writer, open_page, send(writer, open_page, page, "#terms form", "lines"))
    file = tmp_path / "config" / "lists.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("lists: [imdb:toptv]\n")

    assert send(writer, open_page, shown, "#written form", "add").status_code == 409
    assert file.read_text() == "lists: [imdb:toptv]\n"


def test_what_lists_yaml_does_not_take_is_said_and_what_was_typed_stays(writer, open_page):
    page = paste(writer, open_page, ADDRESS)
    answer = send(writer, open_page, page, "#terms form", "lines", name="Best", schedule="now & then")
    shown = follow(writer, open_page, answer)

    assert shown.status == 422
    assert shown.tree.css_first("#schedule").attributes["aria-invalid"] == "true"
    assert shown.tree.css_first("#name").attributes["value"] == "Best"
    assert shown.tree.css("#written") == []


def test_a_dry_run_says_what_the_next_sync_would_do(writer, open_page, store):
    page = paste(writer, open_page, ADDRESS)
    asked = send(writer, open_page, page, "#terms form", "dry-run", max_new_per_day="5")
    waiting = follow(writer, open_page, asked)
    assert waiting.tree.css_first("#dry").attributes.get("data-poll", "no") != "no"
    with store.reading() as connection:
        [(order,)] = connection.exec_driver_sql("SELECT run_order FROM sync_history").all()
    assert '"top"' in order
    with store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE sync_history SET status = 'completed', sync_completed = '2026-11-27 12:00:00.000000', counts = ?",
            ('{"already_available": 52, "would_request": 18, "needs_review": 2}',),
        )
    done = follow(writer, open_page, asked)

    assert done.tree.css_first("#dry .mix").attributes["aria-label"] == (
        "Of 72 titles: 52 already available, 18 would request, 2 needs review"
    )
    assert done.find("#dry .key li") == ["52 already available", "18 would request", "2 needs review"]
    assert "18 titles would be requested: 5 a day, done in 4 days." in done.text
    assert done.tree.css_first("#max_new_per_day").attributes["value"] == "5"


HOSTILE = (
    "<script>alert(1)</script>,2001\n\"=cmd|' /C calc'!A0\",2002\n\u202egnp.exe,2003\n" + "x" * 500 + ",2004\n"
    '<img src=x onerror=alert(1)>,2005\n"{{ 7*7 }}",2006\n'
)


def test_hostile_titles_are_shown_and_not_obeyed(writer, open_page, tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir(exist_ok=True)
    (drop / "hostile.csv").write_text("Title,Year\n" + HOSTILE, encoding="utf-8")
    page = paste(writer, open_page, "file:hostile.csv")

    assert "<script>alert(1)</script>" in page.find(".wall bdi")
    assert page.tree.css(".wall script, .wall img[onerror]") == []
    assert "{{ 7*7 }}" in page.text
    assert "49" not in page.find(".wall bdi")


def test_a_key_in_an_address_is_on_no_page_and_in_no_file(writer, open_page, store, caplog, tmp_path):
    caplog.set_level("DEBUG")
    page = paste(writer, open_page, "http://user:sesame1@127.0.0.1:9/list.json?apikey=sesame2#sesame3")
    told = writer.get(f"/api/lists/preview/{page.address.rpartition('=')[2]}").text

    assert "private network, is refused" in page.text
    assert "apikey=***" in page.text
    with store.reading() as connection:
        audit = str(connection.exec_driver_sql("SELECT * FROM audit_log").all())
    assert "preview" in audit
    everything = " ".join((str(page.tree.html), told, audit, caplog.text, page.address))
    assert [one for one in ("sesame1", "sesame2", "sesame3") if one in everything] == []


def test_a_page_with_everything_takes_few_statements(writer, open_page, count_statements):
    page = paste(writer, open_page, ADDRESS)
    path = page.address.removeprefix(writer.address)
    assert count_statements(lambda: open_page(f"{path}&lines=1&name=Best", running=writer)) <= 12


def test_what_could_not_be_read_is_not_added_also_by_programs(writer, open_page, tmp_path):
    address = "http://127.0.0.1:9/list.json"
    page = paste(writer, open_page, address)
    form = {"preview": page.address.rpartition("=")[2], "do": "add", "version": "new"}

    assert writer.post("/add/list", data=form).status_code == 409
    refused = writer.post("/api/lists", json={"source": address})
    assert (refused.status_code, "private network" in refused.json()["detail"]) == (422, True)
    assert not (tmp_path / "config" / "lists.yaml").exists()
