"""Removes a person from the records: what is the person's alone is deleted, the rest is kept without the person.

That a title was requested stays, or it would be requested again.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    select,
    true,
    tuple_,
    update,
)

from list_sync.database.dialects import metadata, one_of
from list_sync.database.schema import (
    households,
    item_events,
    known_media,
    list_backoffs,
    lists,
    plans,
    provider_memory,
    run_lists,
    sent_requests,
    servers,
    sync_history,
    synced_items,
)
from list_sync.database.schema_servers import server_options, server_requesters
from list_sync.database.schema_web import api_tokens, audit_log, imported_names, notices, plan_lines, web_sessions
from list_sync.model.access import OIDC_LOG_IN
from list_sync.model.persons import FORGOTTEN, Identity
from list_sync.model.sources import ListKey
from list_sync.model.users import find_account

_PEOPLE = "people/"
_SHORT_ADDRESS = "boxd.it/"
_Clean = Callable[[Any], Any]


def load_households(connection: Connection) -> dict[str, int | None]:
    """Return every household that was used, with the number of its server."""
    rows = connection.execute(select(households.c.name, households.c.server_id).order_by(households.c.name))
    return {row.name: row.server_id for row in rows}


def find_identity(connection: Connection, server_id: int | None, identity: Identity) -> Identity:
    """Return an identity with what the records know besides: names that lists stated, accounts at Plex and Jellyfin."""
    columns = server_requesters.c
    rows = connection.execute(select(columns.stated, columns.user_id).where(columns.server_id == server_id)).all()
    if identity.number is None:
        numbers = {row.user_id for row in rows if _names(identity, row.stated)}
        if len(numbers) == 1:
            identity = identity.joined(Identity(number=numbers.pop()))
    for row in rows:
        if row.user_id == identity.number:
            identity = identity.joined(_read_stated(row.stated))
    for _, _, people in _load_people(connection):
        for number, name, account in people:
            if identity.has_name(name) or identity.has_account(account):
                identity = identity.joined(Identity(frozenset({name}), frozenset({number, account}) - {""}))
    return identity


def _read_stated(stated: str) -> Identity:
    account = find_account(stated)
    if account is None:
        return Identity(frozenset({stated}))
    return Identity(frozenset({account[2]}), frozenset({account[1]}))


def _names(identity: Identity, stated: str) -> bool:
    account = find_account(stated)
    return identity.has_name(stated) or (account is not None and identity.has_account(account[1]))


def _load_people(connection: Connection) -> list[tuple[str, str, list[list[str]]]]:
    columns = provider_memory.c
    chosen = select(provider_memory).where(columns.key.startswith(_PEOPLE))
    return [(row.provider, row.key, json.loads(row.value)) for row in connection.execute(chosen)]


def forget_in_household(
    connection: Connection, household: str, server_id: int | None, identity: Identity
) -> Counter[str]:
    """Remove a person from the records of one household and its server; return how many records of each kind."""
    found = Counter[str]()
    if identity.number is not None:
        found["requests"] += _forget_number(connection, household, server_id, identity.number)
    found["names"] += _forget_names(connection, server_id, identity)
    found["plans"] += _forget_plans(connection, household, identity)
    found["messages"] += _forget_messages(connection, household, identity)
    own, of_runs = synced_items.c.household == household, sync_history.c.household == household
    of_own = item_events.c.item_id.in_(select(synced_items.c.id).where(own))
    of_own_runs = run_lists.c.run_id.in_(select(sync_history.c.id).where(of_runs))
    clean, clean_json = identity.without, identity.without_in
    explained = {"reason": clean, "explanation": _in_json_text(identity, _clean_explanation)}
    ordered = {"error": clean, "asked_by": _whole(identity), "run_order": _in_json_text(identity, Identity.without_in)}
    told = {"reason": clean, "attempts": clean_json, "first_not_understood": clean_json}
    swept: tuple[tuple[str, Table, ColumnElement[bool], Mapping[str, _Clean]], ...] = (
        ("titles", synced_items, own, explained),
        ("events", item_events, of_own, explained),
        ("runs", sync_history, of_runs, ordered),
        ("words", run_lists, of_own_runs, told),
        ("words", lists, lists.c.household == household, told),
        ("words", list_backoffs, list_backoffs.c.household == household, {"reason": clean}),
        ("words", sent_requests, sent_requests.c.server_id == server_id, {"answer": clean, "note": clean}),
        ("words", server_options, server_options.c.server_id == server_id, {"content": clean_json}),
        ("words", servers, servers.c.id == server_id, {"name": clean}),
    )
    for kind, table, where, columns in swept:
        found[kind] += _sweep(connection, table, where, columns)
    return found


def forget_everywhere(connection: Connection, identity: Identity) -> Counter[str]:
    """Remove a person from the records of all households together; return how many records of each kind."""
    found = Counter[str]()
    found["lists"] += _forget_lists(connection, identity)
    found["names"] += _forget_accounts(connection, identity) + _forget_imported(connection, identity)
    for kind, table in (("log-ins", web_sessions), ("tokens", api_tokens)):
        named = [name for name in connection.scalars(select(table.c.name)) if identity.has_name(name)]
        found[kind] += connection.execute(delete(table).where(table.c.name.in_(named))).rowcount if named else 0
    columns = audit_log.c
    actors = [one for one in connection.scalars(select(columns.actor).distinct()) if identity.has_name(one)]
    of_person = one_of(columns.actor, actors)
    connection.execute(update(audit_log).where(of_person).values(address=""))
    # The subject at an issuer names the person, too.
    connection.execute(update(audit_log).where(of_person & (columns.action == OIDC_LOG_IN)).values(target=""))
    words = dict.fromkeys(("action", "target", "outcome"), identity.without) | {"actor": _whole(identity)}
    found["audit lines"] += _sweep(connection, audit_log, true(), words)
    return found


def _forget_number(connection: Connection, household: str, server_id: int | None, number: int) -> int:
    sent, items, media = sent_requests.c, synced_items.c, known_media.c
    of_items = (items.household == household) & (items.requester_id == number)
    connection.execute(update(synced_items).where(of_items).values(requester_id=None))

    def clean(text: str) -> str:
        rows = [[*row[:4], None if row[4] == number else row[4]] for row in json.loads(text)]
        return json.dumps(rows, separators=(",", ":"))

    asked = (media.server_id == server_id) & media.requests.contains(f",{number}]")
    _sweep(connection, known_media, asked, {"requests": clean})
    of_requests = (sent.server_id == server_id) & (sent.requester_id == number)
    return connection.execute(update(sent_requests).where(of_requests).values(requester_id=None)).rowcount


def _forget_names(connection: Connection, server_id: int | None, identity: Identity) -> int:
    columns = server_requesters.c
    of_server = columns.server_id == server_id
    rows = connection.execute(select(columns.stated, columns.user_id).where(of_server))
    stated = [row.stated for row in rows if row.user_id == identity.number or _names(identity, row.stated)]
    return connection.execute(delete(server_requesters).where(of_server & one_of(columns.stated, stated))).rowcount


def _forget_plans(connection: Connection, household: str, identity: Identity) -> int:
    """Delete plans with lines of the person; a plan is kept for a day in any case."""
    columns, named = plan_lines.c, set[int]()
    own = plans.c.household == household
    for row in connection.execute(select(plans.c.run_id, plans.c.head, plans.c.quotas).where(own)):
        if identity.find_in(_as_text([row.head, row.quotas])):
            named.add(row.run_id)
    of_own = columns.run_id.in_(select(plans.c.run_id).where(own))
    chosen = select(columns.run_id, columns.requester_id, columns.reason, columns.line).where(of_own)
    for line in connection.execute(chosen):
        is_theirs = identity.number is not None and line.requester_id == identity.number
        if is_theirs or identity.find_in(_as_text([line.reason, line.line])):
            named.add(line.run_id)
    return connection.execute(delete(plans).where(one_of(plans.c.run_id, named))).rowcount


def _forget_messages(connection: Connection, household: str, identity: Identity) -> int:
    columns = notices.c
    rows = connection.execute(select(notices).where(columns.household == household)).all()
    named = [(row.channel, row.cause) for row in rows if identity.find_in(_as_text([row.cause, row.content]))]
    chosen = (columns.household == household) & tuple_(columns.channel, columns.cause).in_(named)
    return connection.execute(delete(notices).where(chosen)).rowcount if named else 0


def _forget_lists(connection: Connection, identity: Identity) -> int:
    """Delete what is stored of the lists of the person's accounts; requests stay, without the list."""
    tables = [table for table in metadata.tables.values() if {"list_type", "list_id"} <= set(table.c.keys())]
    found = {
        ListKey(*row)
        for table in tables
        for row in connection.execute(select(table.c.list_type, table.c.list_id).distinct())
        if row.list_id and identity.has_list(row.list_id)
    }
    for key in found:
        named = synced_items.c.provider_source == key.name
        connection.execute(update(synced_items).where(named).values(provider_source=None))
        for table in tables:
            chosen = and_(table.c.list_type == key.provider, table.c.list_id == key.list_id)
            without = {"list_type": None, "list_id": None}
            is_kept = table is sent_requests
            connection.execute(update(table).where(chosen).values(without) if is_kept else delete(table).where(chosen))
    return len(found)


def _forget_accounts(connection: Connection, identity: Identity) -> int:
    columns, count = provider_memory.c, 0
    for provider, key, people in _load_people(connection):
        kept = [
            one
            for one in people
            if not (identity.has_name(one[1]) or identity.has_account(one[0]) or identity.has_account(one[2]))
        ]
        count += len(people) - len(kept)
        row = (columns.provider == provider) & (columns.key == key)
        connection.execute(update(provider_memory).where(row).values(value=json.dumps(kept)))
    short = connection.execute(select(columns.key, columns.value).where(columns.key.startswith(_SHORT_ADDRESS)))
    named = [row.key for row in short if identity.has_list(row.value)]
    return count + connection.execute(delete(provider_memory).where(one_of(columns.key, named))).rowcount


def _forget_imported(connection: Connection, identity: Identity) -> int:
    names = connection.scalars(select(imported_names.c.name))
    taken = [name for name in names if identity.find_in(name) or identity.has_list(name)]
    return connection.execute(delete(imported_names).where(one_of(imported_names.c.name, taken))).rowcount


def _clean_explanation(identity: Identity, document: Any) -> object:
    if isinstance(document, dict) and identity.number is not None and document.get("for") == identity.number:
        document = {name: value for name, value in document.items() if name != "for"}
    return identity.without_in(document)


def _in_json_text(identity: Identity, clean: Callable[[Identity, Any], object]) -> _Clean:
    """Return what cleans a text of JSON; another text is cleaned as it is."""

    def clean_text(text: str) -> str:
        try:
            document = json.loads(text)
        except ValueError:
            return identity.without(text)
        cleaned = clean(identity, document)
        return text if cleaned == document else json.dumps(cleaned, separators=(",", ":"))

    return clean_text


def _whole(identity: Identity) -> _Clean:
    """Return what cleans a name: one that is too short to be found in a text is found as a whole."""
    return lambda name: FORGOTTEN if identity.has_name(name) else identity.without(name)


def _sweep(connection: Connection, table: Table, where: ColumnElement[bool], columns: Mapping[str, _Clean]) -> int:
    """Clean columns of the chosen rows; return how many rows changed."""
    keys = list(table.primary_key)
    same = and_(*(key == bindparam(f"key_{key.name}") for key in keys))
    changed = set[tuple[object, ...]]()
    for name, clean in columns.items():
        column: Column[Any] = table.c[name]
        rows = connection.execute(select(*keys, column).where(where & column.is_not(None)))
        news = {tuple(key): new for *key, old in rows if (new := clean(old)) != old}
        values = [
            {f"key_{one.name}": part for one, part in zip(keys, key, strict=True)} | {"new": new}
            for key, new in news.items()
        ]
        if values:
            connection.execute(update(table).where(same).values({name: bindparam("new")}), values)
        changed |= news.keys()
    return len(changed)


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
