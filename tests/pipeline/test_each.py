"""`requester: each`: every person's own list at Jellyfin or Plex is requested as that person."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from list_sync.correcting.naming import with_people
from list_sync.errors import ServiceUnavailable
from list_sync.fetching.people import expand_each, find_terms
from list_sync.job import Job
from list_sync.model.decisions import Policy
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import ListKey, ListRef, Page, ProviderInfo
from list_sync.model.terms import EACH, Terms
from list_sync.model.users import People, Person, ServerUser, find_account, name_account
from list_sync.pipeline import run_cycle
from list_sync.providers import Provider, Route
from list_sync.replaying import replay
from list_sync.storage.lists import find_lists
from list_sync.surveying.requesters import find_requester
from list_sync.undoing import UndoParts, preview_undo
from tests.fakes.shelf import synthetic
from tests.providers.answers import Remembering

ALICE = Person("a1", "Alice", "a1")
BOB = Person("b2", "Bob", "b2")
FAVORITES = ListRef("jellyfin", "favorites", Terms(requester=EACH, name="Favourites"))
ASK = 32


@dataclass
class Jellyfin:
    """A Jellyfin with people and their lists; both may change, and it may be down."""

    people: dict = field(default_factory=dict)
    is_down: bool = False

    def find_people(self, _context):
        if self.is_down:
            raise ServiceUnavailable("jellyfin", "down")
        return tuple(self.people)

    def fetch(self, list_id, *, context):
        if self.is_down:
            raise ServiceUnavailable("jellyfin", "down")
        number = list_id.partition("@")[2]
        items = next(items for person, items in self.people.items() if person.number == number)
        yield Page(tuple(items), total=len(items))

    def provider(self, _name):
        info = ProviderInfo("jellyfin", "JELLYFIN_LISTS")
        people = People(self.find_people, lambda list_id, number: f"{list_id.partition('@')[0]}@{number}")
        return Provider(info, (Route("api", self.fetch),), people=people)


@pytest.fixture
def jellyfin():
    return Jellyfin({ALICE: [synthetic(1), synthetic(2)], BOB: [synthetic(2)]})


@pytest.fixture
def sync(bench, jellyfin):
    kept = Remembering()

    def run(*lists):
        with bench.opened() as parts:
            make = parts.make_context
            parts = replace(
                parts,
                find_provider=jellyfin.provider,
                make_context=lambda source: replace(make(source), memory=kept),
            )
            return run_cycle(parts, Job(lists or (FAVORITES,), Policy()))

    return run


def requested(demo):
    return sorted((row["tmdb_id"] - 5_000_000, row["requested_by"]) for row in demo.requests())


def test_each_person_requests_the_titles_of_the_own_list(demo, sync):
    alice = demo.add_user("al", permissions=ASK, jellyfin_id="a1")
    demo.add_user("bob", permissions=ASK)

    report = sync()

    assert [(result.source.list_id, result.source.terms.name) for result in report.fetched] == [
        ("favorites@a1", "Favourites (Alice)"),
        ("favorites@b2", "Favourites (Bob)"),
    ]
    assert requested(demo) == [(1, alice), (2, alice)]
    assert sync().calls.writes == 0


def test_the_titles_of_a_person_without_a_user_wait_and_name_the_person(demo, sync, jellyfin):
    alice = demo.add_user("al", permissions=ASK, jellyfin_id="a1")
    jellyfin.people[BOB] = [synthetic(3)]

    report = sync()

    assert requested(demo) == [(1, alice), (2, alice)]
    (waiting,) = [outcome.reason for outcome in report.outcomes if outcome.status == "waiting"]
    assert "the server has no user for Bob of Jellyfin: import this user of Jellyfin on the server" in waiting


def test_the_people_of_the_last_time_count_while_they_cannot_be_read(demo, sync, jellyfin):
    demo.add_user("al", permissions=ASK, jellyfin_id="a1")
    sync()
    jellyfin.is_down = True

    report = sync()

    assert [(result.source.list_id, result.state) for result in report.fetched] == [
        ("favorites@a1", "failed"),
        ("favorites@b2", "failed"),
    ]
    assert len(demo.requests()) == 2


def test_without_any_known_person_the_titles_wait(jellyfin):
    jellyfin.is_down = True

    (ref,) = expand_each([FAVORITES], make_context=lambda _ref: Context(), find_provider=jellyfin.provider)

    assert (ref.list_id, ref.terms.requester) == ("favorites", "")
    assert "its people could not be read: jellyfin: down" in ref.terms.obstacle


def test_lists_of_other_sources_have_no_people(jellyfin):
    of_imdb = replace(FAVORITES, provider="imdb", list_id="top")
    own = replace(FAVORITES, terms=Terms(requester="alice"))
    provider = replace(jellyfin.provider("imdb"), people=None)

    refused, kept = expand_each(
        [of_imdb, own], make_context=lambda _ref: Context(), find_provider=lambda _name: provider
    )

    assert "only lists of Jellyfin and Plex are those of each person" in refused.terms.obstacle
    assert kept == own


class Context:
    """A context without memory and credentials."""

    memory, credentials = None, MappingProxyType({})


@pytest.mark.parametrize(
    ("person", "provider", "found"),
    [
        (Person("x", "Zed", "a-1".replace("-", "")), "jellyfin", 1),
        (Person("x", "Zed", "77"), "plex", 2),
        (Person("x", "carol", "99"), "plex", 3),
        (Person("x", "Carol", "99"), "plex", None),
        (Person("x", "twin", "99"), "plex", None),
        (Person("x", "One", "b2"), "jellyfin", None),
        (Person("x", "One", "99"), "plex", 1),
    ],
)
def test_people_are_users_by_their_account_or_else_by_exactly_the_name(person, provider, found):
    users = [
        ServerUser(1, "One", jellyfin_id="A-1"),
        ServerUser(2, "Two", plex_id=77),
        ServerUser(3, "Three", user_names=("carol",)),
        ServerUser(4, "twin"),
        ServerUser(5, "Five", user_names=("twin",)),
    ]
    stated = name_account(provider, person)

    number, problem = find_requester(stated, users)

    assert find_account(stated) == (provider, person.account, person.name)
    assert (number, bool(problem)) == (found, found is None)


def test_lists_show_the_lists_of_people_in_the_place_of_that_of_each():
    top, own = ListRef("imdb", "top"), replace(FAVORITES, list_id="favorites/movies", terms=Terms())
    known = [ListKey("jellyfin", "favorites@b2"), ListKey("imdb", "top"), ListKey("jellyfin", "favorites/movies@a1")]

    assert [ref.list_id for ref in with_people((top, FAVORITES, own), known)] == [
        "top",
        "favorites@b2",
        "favorites/movies",
    ]
    assert with_people((FAVORITES,), ()) == (FAVORITES,)


def test_a_list_of_each_that_is_not_due_keeps_the_lists_of_people(demo, sync, bench):
    demo.add_user("al", permissions=ASK, jellyfin_id="a1")
    sync()

    with bench.opened() as parts:
        run_cycle(parts, Job((), Policy(), resting=frozenset({FAVORITES.key})))
        with parts.store.reading() as connection:
            assert [one.list_id for one in find_lists(connection, HOME)] == ["favorites@a1", "favorites@b2"]


def test_the_list_of_one_person_is_synced_alone_and_as_that_person(demo, sync):
    demo.add_user("al", permissions=ASK, jellyfin_id="a1")
    bob = demo.add_user("bob", permissions=ASK, jellyfin_id="b2")
    named = ListRef("jellyfin", "favorites@b2")

    terms = find_terms(named.key, {FAVORITES.key: FAVORITES.terms, named.key._replace(list_id="watched"): Terms()})
    report = sync(replace(named, terms=terms))

    assert [result.source.key for result in report.fetched] == [named.key]
    assert requested(demo) == [(2, bob)]


def test_an_undo_leaves_what_another_person_wants_since_then(demo, sync, jellyfin, bench):
    demo.add_user("al", permissions=ASK, jellyfin_id="a1")
    demo.add_user("bob", permissions=ASK, jellyfin_id="b2")
    jellyfin.people[BOB] = []
    sync()
    jellyfin.people[BOB] = [synthetic(2)]
    bench.clock = lambda: utc_now() + timedelta(hours=1)
    sync()

    with bench.opened() as parts:
        lines = preview_undo(UndoParts(parts.client, parts.store, {FAVORITES.key}, parts.stop, parts.now), 1)
        replayed = replay(
            parts.store, HouseholdPolicy(), [FAVORITES], since=utc_now() - timedelta(days=1), now=utc_now()
        )

    assert [line.row is not None for line in lines] == [True, False]
    assert lines[1].reason == "stays: jellyfin:favorites@b2 wants it, outside of that run"
    assert [one.change for one in replayed] == ["same", "same"]
