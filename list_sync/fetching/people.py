"""Lists of each person: a list with the requester `each` becomes one list for each person who has it at its source."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from list_sync.errors import InvalidListId, ServiceError
from list_sync.fetching.routes import FindProvider
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.terms import EACH, Terms
from list_sync.model.users import People, Person, is_of_person, is_stated, name_account
from list_sync.providers import FetchContext

logger = logging.getLogger(__name__)


def expand_each(
    lists: Sequence[ListRef], *, make_context: Callable[[ListRef], FetchContext], find_provider: FindProvider
) -> tuple[ListRef, ...]:
    """Return the lists, with those of each person in the place of a list of all; a person's list keeps its id.

    The list of one person stays alone. If the people cannot be read, those of the last time count. Without any, the
    titles of the list wait.
    """
    expanded = (one for ref in lists for one in _expand(ref, make_context, find_provider))
    return tuple(dict.fromkeys(expanded))


def find_terms(key: ListKey, stated: Mapping[ListKey, Terms]) -> Terms | None:
    """Return the terms that are stated for a list, or for that of each person if it is the list of one of them."""
    of_each = (terms for one, terms in stated.items() if terms.requester == EACH and is_of_person(key, one))
    return stated.get(key) or next(of_each, None)


def _expand(
    ref: ListRef, make_context: Callable[[ListRef], FetchContext], find_provider: FindProvider
) -> Iterator[ListRef]:
    if ref.terms.requester != EACH:
        yield ref
        return
    try:
        people = find_provider(ref.provider).people
        if people is None:
            yield _with_obstacle(ref, f"only lists of Jellyfin and Plex are those of {EACH} person")
            return
        found = _load_people(ref, people, make_context(ref))
        built = [_build_list(ref, people, person) for person in found]
        own = [one for one in built if is_stated(one.key, [ref.key])]
        yield from own or [_with_obstacle(ref, "its source names no such person")]
    except (ServiceError, InvalidListId) as error:
        logger.warning("%s: its people could not be read: %s", ref.name, error)
        yield _with_obstacle(ref, f"its people could not be read: {error}")


def _load_people(ref: ListRef, people: People, context: FetchContext) -> Sequence[Person]:
    # Households may have several accounts at a source.
    account = "\0".join(f"{name}={value}" for name, value in sorted(context.credentials.items()))
    key = f"people/{hashlib.sha256(account.encode()).hexdigest()[:16]}"
    try:
        found = people.fetch(context)
    except ServiceError as error:
        known = context.memory.find(key) if context.memory else None
        if known is None:
            raise
        logger.warning("%s: its people could not be read, those of the last time count: %s", ref.name, error)
        return [Person(*person) for person in json.loads(known)]
    if context.memory:
        context.memory.keep(key, json.dumps([[person.number, person.name, person.account] for person in found]))
    return found


def _build_list(ref: ListRef, people: People, person: Person) -> ListRef:
    name = f"{ref.label} ({person.name})"
    terms = replace(ref.terms, name=name, requester=name_account(ref.provider, person))
    return replace(ref, list_id=people.list_of(ref.list_id, person.number), terms=terms, spelling="")


def _with_obstacle(ref: ListRef, problem: str) -> ListRef:
    return replace(ref, terms=replace(ref.terms, requester="", obstacle=f"requester of {ref.label}: {problem}"))
