"""Agrees with the server what the terms of lists mean there: which users, and which profiles, folders and tags."""

import itertools
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.model.decisions import Decision, Request, Wish
from list_sync.model.servers import ServerInfo
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import EACH, Approval, Destination, Terms
from list_sync.model.titles import MediaType
from list_sync.model.users import ServerUser
from list_sync.storage.server_options import ServerOptions
from list_sync.surveying.destinations import find_destination
from list_sync.surveying.requesters import find_requester, is_number
from list_sync.surveying.services import Asked, Place, Services

logger = logging.getLogger(__name__)

OVERRULED = "the override rules of the server win over its options: state approval: key, or remove the rules"


class Agreement:
    """What the terms of the lists of one run mean at the server.

    A run without requests uses what is remembered. What is stated by name, and is not remembered, is read at once. All
    that the lists of a request state is read again before the request is sent, once in a run.
    """

    def __init__(
        self,
        server: OverseerrClient,
        memory: ServerOptions,
        *,
        arrs: Mapping[MediaType, ArrServer],
        now: datetime,
        on_problem: Callable[[str], object] = logger.warning,
    ) -> None:
        self._server = server
        self._memory = memory
        self._services = Services(server, memory, arrs=arrs, now=now)
        self._on_problem = on_problem
        self._users: tuple[ServerUser, ...] | None = None
        self._numbers: Mapping[str, int] = {}
        self._stated: dict[ListKey, ListRef] = {}
        self._places: dict[ListKey, set[Place]] = defaultdict(set)
        self._terms: dict[ListKey, Terms] = {}
        self._confirmed: set[ListKey] = set()
        self._has_warned_of_rules = False
        self._told: dict[str, None] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what kept the titles of lists from being requested, each once."""
        return tuple(self._told)

    def fetch_users(self) -> tuple[ServerUser, ...]:
        """Return the users of the server, which are read once in a run."""
        if self._users is None:
            self._users = self._server.fetch_users()
            self._memory.save_requesters({name: find_requester(name, self._users)[0] for name in self._find_names()})
        return self._users

    def _find_names(self) -> set[str]:
        """Return the requesters that lists state other than by number."""
        stated = (ref.terms for ref in self._stated.values() if _names_user(ref.terms))
        return {terms.requester for terms in stated if not is_number(terms.requester)}

    def agree(self, lists: Sequence[ListRef]) -> tuple[ListRef, ...]:
        """Return the lists with the numbers of their requesters, or with an obstacle where one is not found."""
        self._stated = {ref.key: ref for ref in lists if ref.terms.requester or ref.terms.server}
        names = self._find_names()
        if names:
            self._numbers = self._memory.load_requesters()
        if names - self._numbers.keys():
            self.fetch_users()
        self._settle_terms()
        for ref in lists:
            if ref.terms.obstacle:
                self._tell(f"{ref.terms.obstacle}; its titles wait")
        return tuple(self._renew(ref) for ref in lists)

    def settle(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Return the wishes with the numbers for where their titles go."""
        routed = {key for key, ref in self._stated.items() if ref.terms.server}
        if routed:
            found = {
                (id(source), wish.key[::2]): source
                for wish in wishes
                if wish.key
                for source in wish.result.wanted.sources
            }
            for (_, place), source in found.items():
                if source.key in routed:
                    self._places[source.key].add(place)
            self._services.learn(list(self._ask_for(routed)), again=False)
            self._settle_terms()
        return self.renew(wishes)

    def _ask_for(self, lists: Iterable[ListKey]) -> Iterator[Asked]:
        """Yield the options of lists, with each kind and quality in which they want titles."""
        for key in lists:
            if options := self._stated[key].terms.server:
                yield from ((options, *place) for place in sorted(self._places[key]))

    def learn(self, lists: Iterable[ListRef], info: ServerInfo, *, policy: str, again: bool) -> None:
        """Read all that the options of lists name, outside of a run, for films and shows.

        This alone asks the server about a Radarr: once for a `policy`, or `again` because a person asks.
        Raise ServiceUnavailable if that ends the server.
        """
        for ref in lists:
            self._stated[ref.key] = ref
            places = itertools.product(MediaType, ref.terms.qualities)
            self._places[ref.key] = {place for place in places if info.offers(*place)}
        asked = list(self._ask_for(self._places))
        self._services.learn(asked, again=True)
        self._services.ask_about_radarrs(asked, policy=policy, again=again)

    def find_requester(self, ref: ListRef) -> tuple[int | None, str]:
        """Return the number of the requester that a list states, or why there is none."""
        return self._find_number(ref.terms)

    def destinations_of(self, ref: ListRef) -> Mapping[Place, Destination]:
        """Return where the titles of a list go, or why they wait."""
        return {
            (media_type, quality): find_destination(options, media_type, quality, self._services.of(media_type))
            for options, media_type, quality in self._ask_for([ref.key])
        }

    def confirm(self, decisions: Iterable[Decision]) -> bool:
        """Read again what the lists of these requests state; return whether it means something else by now."""
        requests = [one for one in decisions if isinstance(one, Request) and one.source in self._stated]
        asked = {one.source for one in requests if one.source} - self._confirmed
        self._confirmed |= asked
        if any(_names_user(self._stated[key].terms) for key in asked):
            self.fetch_users()
        self._services.learn(list(self._ask_for(asked)), again=True)
        self._warn_of_rules([one for one in requests if one.source in asked])
        before = dict(self._terms)
        self._settle_terms()
        return any(_meaning(self._terms[key]) != _meaning(before[key]) for key in before)

    def renew(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Return the wishes with the terms of their lists as they are agreed by now."""
        if not self._stated:
            return tuple(wishes)
        # Many titles share few lists: each list is renewed once, and a title only if one of its lists changed.
        sources = {id(source): source for wish in wishes for source in wish.result.wanted.sources}
        renewed = {key: self._renew(source) for key, source in sources.items()}
        changed = {key for key, source in sources.items() if renewed[key] is not source}
        return tuple([_with_sources(wish, renewed, changed) for wish in wishes])

    def _renew(self, ref: ListRef) -> ListRef:
        terms = self._terms.get(ref.key)
        if terms is None or _meaning(terms) == _meaning(ref.terms):
            return ref
        agreed = {
            "requester_id": terms.requester_id,
            "destinations": terms.destinations,
            "obstacle": terms.obstacle,
        }
        return replace(ref, terms=replace(ref.terms, **agreed))  # type: ignore[arg-type]

    def _settle_terms(self) -> None:
        self._terms = {key: self._settle_list(ref) for key, ref in self._stated.items()}

    def _settle_list(self, ref: ListRef) -> Terms:
        terms = ref.terms
        number, problem = self._find_number(terms) if terms.requester else (terms.requester_id, "")
        if number is None:
            obstacle = f"requester of {ref.label}: {problem}"
            self._tell(f"{obstacle}; its titles wait")
            return replace(terms, obstacle=obstacle)
        return replace(terms, requester_id=number, destinations=self._find_destinations(ref))

    def _find_number(self, terms: Terms) -> tuple[int | None, str]:
        if terms.requester == EACH:
            # Such a list is taken apart before, into a list for each person with the number of its user.
            return None, "each is for the own lists of people of Jellyfin and Plex: state a user"
        if self._users is not None:
            return find_requester(terms.requester, self._users)
        return int(terms.requester) if is_number(terms.requester) else self._numbers.get(terms.requester), ""

    def _find_destinations(self, ref: ListRef) -> Mapping[Place, Destination]:
        """Return where titles of each kind go; what is in the way is told for those kinds that the list has."""
        found: dict[Place, Destination] = {}
        if ref.terms.server is None:
            return found
        for place in itertools.product(MediaType, ref.terms.qualities):
            found[place] = find_destination(ref.terms.server, *place, self._services.of(place[0]))
            if found[place].obstacle:
                found[place] = Destination(obstacle=f"server of {ref.label}: {found[place].obstacle}")
                if place in self._places[ref.key]:
                    self._tell(f"{found[place].obstacle}; its {place[0].plural} wait")
        return found

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            self._on_problem(problem)
            self._told[problem] = None

    def _warn_of_rules(self, requests: Sequence[Request]) -> None:
        """Warn of override rules, which win over what a list states if its requester approves."""
        routed = {one.source for one in requests if one.options and one.source}
        names = self.find_overruled(self._renew(self._stated[key]) for key in routed)
        if names and not self._has_warned_of_rules:
            self._has_warned_of_rules = True
            logger.warning("%s: %s", ", ".join(names), OVERRULED)

    def find_overruled(self, lists: Iterable[ListRef]) -> tuple[str, ...]:
        """Return the lists whose server options lose against override rules, which spare users who manage requests."""
        names = [
            ref.label
            for ref in lists
            if ref.terms.approval is Approval.REQUESTER and ref.terms.requester_id != self._server.owner_id
        ]
        return tuple(sorted(names)) if names and self._server.has_override_rules() else ()


def _with_sources(wish: Wish, renewed: Mapping[int, ListRef], changed: Set[int]) -> Wish:
    wanted = wish.result.wanted
    if not any(id(source) in changed for source in wanted.sources):
        return wish
    sources = tuple([renewed[id(source)] for source in wanted.sources])
    return replace(wish, result=replace(wish.result, wanted=replace(wanted, sources=sources)))


def _names_user(terms: Terms) -> bool:
    return bool(terms.requester) and terms.requester != EACH


def _meaning(terms: Terms) -> object:
    return terms.requester_id, terms.obstacle, terms.destinations
