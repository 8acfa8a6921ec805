"""A person who is forgotten: no record names the person, and no request is forgotten."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import JSON, Boolean, DateTime, Float, Integer, LargeBinary, insert, select

from list_sync.database.dialects import Timestamp, metadata
from list_sync.database.schema import (
    households,
    known_media,
    list_copies,
    provider_memory,
    sent_requests,
    sync_history,
    synced_items,
)
from list_sync.database.schema_servers import server_requesters
from list_sync.database.schema_web import api_tokens, web_sessions
from list_sync.forgetting.persons import forget_person
from list_sync.model.access import OIDC_LOG_IN, Deed
from list_sync.model.persons import FORGOTTEN, Identity
from list_sync.model.users import ServerUser
from list_sync.storage.audit import find_deeds, note_deed
from list_sync.storage.persons import find_identity, forget_everywhere, forget_in_household, load_households

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ALICE = Identity(frozenset({"Alice", "alice@example.org"}), frozenset({"c0ffee-11"}), 7)
SAID = "Alice and ALICE@example.org wait for the quota of user 7 for films"
# What these columns hold is no text about persons: words of ListSync, ids, digests, and what TMDB says of titles.
NO_PERSONS = {
    "api_tokens": "digest scope",
    "households": "name",
    "imported_names": "thing",
    "item_events": "method status",
    "known_media": "media_type requests seasons seasons_4k",
    "list_backoffs": "stamp",
    "list_copies": "account doubt",
    "list_readings": "stamp",
    "lists": "route state unsupported_kinds",
    "missing_numbers": "media_type",
    "notices": "channel",
    "pins": "key media_type",
    "plan_lines": "kind media_type outcome quality",
    "provider_memory": "key provider value",
    "releases": "version mends",
    "resolutions": "key media_type method",
    "review_candidates": "media_type original_title title",
    "run_lists": "route state unsupported_kinds",
    "sent_requests": "approval media_type options quality seasons state",
    "server_options": "media_type",
    "servers": "address installation kind",
    "sync_history": "counts owner status sync_mode",
    "synced_items": "folded imdb_id item_key media_type method provider_source quality status title",
    "titles": "facts imdb_id media_type next_episode_on poster_path season_numbers status title",
    "unresolved_titles": "candidates detail key reason",
    "web_password": "hash",
    "web_sessions": "digest kind seal",
    "webhook_deliveries": "delivery",
}
SPECIAL = {
    "household": "home",
    "list_type": "trakt",
    "list_id": "alice/horror",
    "server_id": 1,
    "known_media.requests": "[[12,0,2,[],7],[13,0,2,[1,7],8]]",
    "households.name": "home",
    "synced_items.explanation": '{"v":1,"entry":"Alice (1988)","list":"Favourites (alice)","for":7,"rules":[]}',
    "sync_history.run_order": '{"lists":[["trakt","alice/horror"]],"asked_by":"Alice"}',
    "sync_history.asked_by": "Alice",
    "synced_items.provider_source": "trakt:alice/horror",
    "synced_items.title": "Alice",
    "audit_log.actor": "Alice",
    "audit_log.address": "192.0.2.7",
    "api_tokens.name": "alice",
    "web_sessions.name": "Alice",
}


def sample(column, said):
    """Return a value for a column; texts name the person unless they hold no persons."""
    name = f"{column.table.name}.{column.name}"
    for known in (name, column.name):
        if known in SPECIAL:
            return SPECIAL[known]
    if isinstance(column.type, Timestamp | DateTime):
        return NOON
    if isinstance(column.type, JSON):
        return (
            {} if column.name in NO_PERSONS.get(column.table.name, "").split() else {"title": "Alice", "words": [said]}
        )
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer | Float):
        return 7 if column.name in ("requester_id", "user_id") else 1
    if isinstance(column.type, LargeBinary):
        return b""
    return "text" if column.name in NO_PERSONS.get(column.table.name, "").split() else said


def fill(connection):
    for table in metadata.sorted_tables:
        if table.name != "schema_version":
            connection.execute(insert(table), {column.name: sample(column, SAID) for column in table.c})


def dump(connection):
    """Return the names of the columns with their values, as far as these name the person."""
    found = {}
    for table in metadata.sorted_tables:
        for row in connection.execute(select(table)).mappings():
            for name, value in row.items():
                text = str(value).replace("'title': 'Alice'", "").replace('"entry":"Alice (1988)"', "").casefold()
                if f"{table.name}.{name}" != "synced_items.title" and any(
                    word in text for word in ("alice", "user 7", "c0ffee", "192.0.2.7")
                ):
                    found[f"{table.name}.{name}"] = value
    return found


@pytest.fixture
def filled(store):
    with store.writing() as connection:
        fill(connection)
    return store


def forget(store, identity=ALICE):
    with store.writing() as connection:
        found = forget_in_household(connection, "home", 1, identity)
        return found + forget_everywhere(connection, identity)


def test_no_column_of_any_table_names_a_forgotten_person(filled):
    forget(filled)

    with filled.reading() as connection:
        assert dump(connection) == {}


def test_what_was_requested_stays_known_without_the_person_and_the_list(filled):
    forget(filled)

    with filled.reading() as connection:
        sent = connection.execute(select(sent_requests)).mappings().one()
        item = connection.execute(select(synced_items)).mappings().one()
        run = connection.execute(select(sync_history)).mappings().one()
        media = connection.scalar(select(known_media.c.requests))
    assert (sent["tmdb_id"], sent["state"], sent["requester_id"], sent["list_id"]) == (1, "text", None, None)
    assert (item["title"], item["requester_id"], item["provider_source"]) == ("Alice", None, None)
    assert item["explanation"] == f'{{"v":1,"entry":"Alice (1988)","list":"Favourites ({FORGOTTEN})","rules":[]}}'
    assert item["reason"].endswith("wait for the quota of user (forgotten) for films")
    assert (run["items_requested"], run["asked_by"]) == (1, FORGOTTEN)
    assert media == "[[12,0,2,[],null],[13,0,2,[1,7],8]]"


def test_forgetting_twice_finds_nothing_the_second_time(filled):
    first, second = forget(filled), forget(filled)

    assert first["requests"] == first["log-ins"] == first["tokens"] == first["lists"] == 1
    assert +second == {}


def test_the_subject_of_a_person_at_an_issuer_is_forgotten_with_the_person(store):
    with store.writing() as connection:
        deed = Deed(NOON, "Alice", "192.0.2.7", OIDC_LOG_IN, "oidc, subject 4f3a9c21", "done")
        note_deed(connection, "home", deed)
        note_deed(connection, "home", replace(deed, actor="bob@example.com", target="oidc, subject 77"))

    forget(store)

    with store.reading() as connection:
        kept = [(one.actor, one.target) for one in find_deeds(connection, "home") if one.action == OIDC_LOG_IN]
    assert kept == [("bob@example.com", "oidc, subject 77"), (FORGOTTEN, "")]


def test_what_names_another_person_stays(filled):
    bob = Identity(frozenset({"Bob"}), frozenset(), 8)

    found = forget(filled, bob)

    with filled.reading() as connection:
        assert connection.scalar(select(sent_requests.c.requester_id)) == 7
        assert connection.scalars(select(api_tokens.c.name)).all() == ["alice"]
        assert connection.scalars(select(web_sessions.c.name)).all() == ["Alice"]
        assert connection.scalar(select(known_media.c.requests)) == "[[12,0,2,[],7],[13,0,2,[1,7],null]]"
    assert +found == {}


def test_the_list_of_a_friend_is_found_by_the_account_that_the_server_knows(store):
    people = [["beef01", "Wilhelmina", "4711"], ["cafe02", "Otto", "4712"]]
    lists_of = [("plex", "watchlist@beef01"), ("plex", "watchlist@cafe02"), ("mdblist", "4711")]
    with store.writing() as connection:
        connection.execute(
            insert(provider_memory), {"provider": "plex", "key": "people/1", "value": json.dumps(people)}
        )
        for number, (provider, list_id) in enumerate(lists_of):
            connection.execute(
                insert(list_copies),
                {"list_type": provider, "list_id": list_id, "copied_at": NOON, "content": bytes([number])},
            )
        identity = find_identity(connection, 1, Identity(frozenset({"mina"}), frozenset({"4711"}), 7))
        found = forget_in_household(connection, "home", 1, identity) + forget_everywhere(connection, identity)

    with store.reading() as connection:
        kept = connection.execute(select(list_copies.c.list_type, list_copies.c.list_id)).all()
        assert sorted(tuple(row) for row in kept) == [("mdblist", "4711"), ("plex", "watchlist@cafe02")]
        assert json.loads(connection.scalar(select(provider_memory.c.value))) == people[1:]
    assert found["lists"] == 1


def test_the_records_know_the_names_and_accounts_of_a_number(store):
    rows = [("alice", 7), ("alice@example.org", 7), ("plex account 4711 of Alice A", 7), ("bob", 8)]
    with store.writing() as connection:
        connection.execute(insert(households), {"name": "home", "server_id": 1})
        connection.execute(
            insert(server_requesters), [{"server_id": 1, "stated": name, "user_id": number} for name, number in rows]
        )

    with store.reading() as connection:
        assert load_households(connection) == {"home": 1}
        by_name = find_identity(connection, 1, Identity(frozenset({"ALICE"})))
        by_number = find_identity(connection, 1, Identity(number=7))
    assert by_name.number == 7
    assert by_name.names - {"ALICE"} == by_number.names == {"alice", "alice@example.org", "Alice A"}
    assert by_number.accounts == {"4711"}


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("Mina", [(1, 3), (2, 7)]), ("7", [(1, 3), (2, 3), (2, 7)]), ("nemo", [(1, 3), (1, 7), (2, 3), (2, 7)])],
)
def test_a_name_means_its_user_on_each_server_and_a_number_one_user_of_one_server(store, stated, kept):
    users = {
        "home": [ServerUser(7, "Mina"), ServerUser(3, "Otto")],
        "kids": [ServerUser(3, "mina"), ServerUser(7, "Eve")],
    }
    with store.writing() as connection:
        connection.execute(insert(households), [{"name": "home", "server_id": 1}, {"name": "kids", "server_id": 2}])
        for server, user in ((1, 7), (1, 3), (2, 7), (2, 3)):
            row = {
                column.name: sample(column, "") for column in sent_requests.c if column.name not in ("id", "list_id")
            }
            connection.execute(insert(sent_requests), row | {"server_id": server, "requester_id": user})

    forget_person(store, stated, users, numbers_count_in="home", is_trial=False)

    columns = sent_requests.c
    with store.reading() as connection:
        rows = connection.execute(
            select(columns.server_id, columns.requester_id).where(columns.requester_id.is_not(None))
        )
        assert sorted(tuple(row) for row in rows) == kept
