"""Acting on many titles at once: the same as on each, and taken back exactly."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.correcting.acting import Act, act_on, take_back
from list_sync.database.schema import pins
from list_sync.errors import StorageError
from list_sync.model.decisions import ItemStatus
from list_sync.model.matches import Pin
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.memory import save_pins, save_snoozes
from list_sync.storage.pin_rows import Change, PinRow
from list_sync.storage.title_search import find_title
from list_sync.web.routes import bulk
from list_sync.web.undos import Undos
from tests.builders import NOON, an_item
from tests.storage.recording import asked, left, run, unmatched
from tests.web.conftest import NOW

KEYS = ["tmdb:movie:1", "tmdb:movie:2", "title:movie:same:1999", "title:any:same:1999", "imdb:tt0000003", "tmdb:tv:4"]
ACTS = st.sampled_from([one for one in Act if one is not Act.RETRY])
LATER = NOW.replace(year=2027)


def fill(store):
    run(
        store,
        asked(tmdb_id=1, item=an_item("Same", tmdb=1)),
        asked(tmdb_id=2, item=an_item("Same", tmdb=2)),
        unmatched(an_item("Lost", None, None, imdb="tt0000003")),
        left(ItemStatus.WAITING, tmdb_id=4, kind=MediaType.TV, item=an_item("Show", MediaType.TV, tmdb=4)),
    )


def records(store):
    with store.reading() as connection:
        return [find_title(connection, HOME, number) for number in range(1, 5)]


def rows(store):
    with store.reading() as connection:
        return {tuple(row) for row in connection.execute(pins.select())}


def put(store, stored):
    """Store these pins, bans and snoozes and nothing else."""
    with store.writing() as connection:
        connection.execute(pins.delete())
        for key, what in stored.items():
            if what == "snooze":
                save_snoozes(connection, HOME, [key], LATER, at=NOON)
            else:
                save_pins(connection, HOME, [Pin(key, MediaType.MOVIE, 9) if what == "pin" else Pin(key)], at=NOON)


@given(act=ACTS, stored=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["pin", "ban", "snooze"])))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_at_once_are_the_same_as_each_alone_and_an_undo_restores_every_row(store, act, stored):
    if not records(store)[0]:
        fill(store)
    titles = records(store)
    put(store, stored)
    before = rows(store)
    for one in titles:
        act_on(store, act, [[one]], at=NOW, until=LATER)
    alone = rows(store)
    put(store, stored)
    outcome = act_on(store, act, [titles[:2], titles[2:]], at=NOW, until=LATER)

    assert rows(store) == alone
    take_back(store, outcome.change)
    assert rows(store) == before


def test_an_undo_leaves_what_was_decided_since(store):
    fill(store)
    outcome = act_on(store, Act.BAN, [records(store)], at=NOW)
    put_since = Pin("tmdb:movie:1", MediaType.MOVIE, 77)
    with store.writing() as connection:
        save_pins(connection, HOME, [put_since], at=NOW)
    take_back(store, outcome.change)

    assert [(row[1], row[3]) for row in rows(store)] == [("tmdb:movie:1", 77)]


def test_the_titles_of_a_filter_are_banned_after_a_preview_and_taken_back(service, store):
    fill(store)
    order = {"action": "ban", "filter": {"kind": ["movie"]}}
    preview = service.post("/api/items/bulk", json=order | {"dry_run": True}).json()
    nothing = rows(store)
    done = service.post("/api/items/bulk", json=order).json()
    again = service.post("/api/items/bulk", json={"action": "snooze", "for": "3d", "filter": {}}).json()
    undone = service.post("/api/items/undo", json={"undo": done["undo"]})

    assert (preview["matched"], preview["done"], preview["undo"], nothing) == (2, 2, None, set())
    assert (done["done"], done["left"], done["more"]) == (2, [], 0)
    assert again["left"] == [{"reason": "banned", "count": 2}]
    assert undone.status_code == 200
    assert service.post("/api/items/undo", json={"undo": done["undo"]}).status_code == 404


def test_an_order_that_is_not_clear_is_refused(service):
    for order in (
        {"action": "ban"},
        {"action": "ban", "ids": [1], "filter": {}},
        {"action": "snooze", "ids": [1]},
        {"action": "ban", "ids": [1], "for": "3d"},
        {"action": "ban", "filter": {"state": ["nonsense"]}},
        {"action": "ban", "ids": [0]},
    ):
        assert service.post("/api/items/bulk", json=order).status_code == 422


def test_titles_that_did_not_fail_are_left_alone_and_counted(service, store):
    fill(store)
    answer = service.post("/api/items/bulk", json={"action": "retry", "ids": [1, 3, 99]}).json()

    assert (answer["matched"], answer["done"]) == (2, 1)
    assert answer["left"] == [{"reason": "requested", "count": 1}]


def test_an_undo_that_cannot_be_written_is_not_used_up(service, store, monkeypatch):
    fill(store)
    (first, *_) = service.get("/api/items").json()["items"]
    done = service.post("/api/items/bulk", json={"action": "ban", "ids": [first["id"]]}).json()

    def fail(*_):
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "take_back", fail)
        assert service.post("/api/items/undo", json={"undo": done["undo"]}).status_code == 503
    assert service.post("/api/items/undo", json={"undo": done["undo"]}).status_code == 200


def test_undos_are_kept_and_forgotten_by_many_threads_at_once():
    undos, change = Undos(), Change({"a": None}, {"a": PinRow(None, None, NOW, None)})

    def keep(_number):
        name = undos.keep(change)
        undos.forget(name)
        return undos.find(name)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(keep, range(2000))) == {None}
