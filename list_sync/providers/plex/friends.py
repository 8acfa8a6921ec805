"""The watchlists of the friends of the token's owner, as far as they share them: plex.tv and its community service."""

from collections.abc import Iterator, Mapping

from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_positive_int
from list_sync.errors import Private, ServiceError, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.model.users import Person
from list_sync.providers import FetchContext
from list_sync.providers.plex.asking import ask, build_headers, find_error, read_item
from list_sync.providers.plex.parse import PAGE_SIZE, SERVICE

ACCOUNT_URL = "https://plex.tv"
COMMUNITY_URL = "https://community.plex.tv"
MAX_PAGES = 1_000
_QUERY = (
    "query Watchlist($user: UserInput!, $first: PaginationInt!, $after: String) { userV2(user: $user) { ... on User "
    "{ watchlist(first: $first, after: $after) { nodes { id title type } pageInfo { hasNextPage endCursor } } } } }"
)
_KINDS = {"": ("movie", "show"), "1": ("movie",), "2": ("show",)}


def fetch_people(context: FetchContext) -> tuple[Person, ...]:
    """Return the token's owner, whose lists need no number, and the owner's friends."""
    address = context.address(ACCOUNT_URL)
    owner = expect_object(ask(context, f"{address}/api/v2/user", {}).json(), service=SERVICE, what="the account")
    friends = ask(context, f"{address}/api/v2/friends", {}).json()
    found = [_parse_person(one) for one in expect_list(friends, service=SERVICE, what="the friends")]
    return (Person("", *_names(owner)), *(person for person in found if person.number))


def _parse_person(value: object) -> Person:
    fields = expect_object(value, service=SERVICE, what="a friend")
    number = clean_title(fields.get("uuid"))
    return Person(number if number.isalnum() and number.isascii() else "", *_names(fields))


def _names(fields: Mapping[str, object]) -> tuple[str, str]:
    name = clean_title(fields.get("username")) or clean_title(fields.get("title"))
    account = find_positive_int(fields.get("id"))
    if account is None or not name:
        raise UnexpectedResponse(SERVICE, "an account without a number or a name")
    return name, str(account)


def read_friend(person: str, type_number: str, context: FetchContext) -> Iterator[Page]:
    """Yield the pages of a friend's watchlist; only an answer that says so is the end."""
    url, after, place, count = f"{context.address(COMMUNITY_URL)}/api", None, 0, 0
    for _ in range(MAX_PAGES):
        variables = {"user": {"id": person}, "first": PAGE_SIZE, "after": after}
        body = {"query": _QUERY, "variables": variables}
        answer = context.http.post_json(url, body, headers=build_headers(context), explain=find_error)
        nodes, after = parse_page(answer.json())
        chosen = [node for node in nodes if str(node.get("type")) in _KINDS[type_number]]
        page = Page.of(read_item(node, context, f"entry {place + number}") for number, node in enumerate(chosen, 1))
        place, count = place + len(chosen), count + page.entries
        # Many pages may hold only titles of the other kind.
        if page.entries:
            yield page
        if after is None:
            yield Page((), total=count)
            return
    raise UnexpectedResponse(SERVICE, "the pages of the watchlist never end")


def parse_page(document: object) -> tuple[list[Mapping[str, object]], str | None]:
    """Return the entries of a page in the words of other answers, and the place of the next one if there is one."""
    answer = expect_object(document, service=SERVICE, what="an answer")
    data = answer.get("data")
    user = (data.get("userV2") or data.get("user")) if isinstance(data, Mapping) else None
    watchlist = user.get("watchlist") if isinstance(user, Mapping) else None
    if not isinstance(watchlist, Mapping) or answer.get("errors"):
        raise _explain(answer)
    nodes = expect_list(watchlist.get("nodes"), service=SERVICE, what="the entries")
    found = [expect_object(node, service=SERVICE, what="an entry") for node in nodes]
    info = expect_object(watchlist.get("pageInfo"), service=SERVICE, what="pageInfo")
    has_more = info.get("hasNextPage")
    if not isinstance(has_more, bool):
        raise UnexpectedResponse(SERVICE, "a page that does not say whether more follows")
    cursor = info.get("endCursor") if has_more else None
    if has_more and not (isinstance(cursor, str) and cursor):
        raise UnexpectedResponse(SERVICE, "another page without its place")
    entries: list[Mapping[str, object]] = [
        {"ratingKey": node.get("id"), "title": node.get("title"), "type": str(node.get("type")).lower()}
        for node in found
    ]
    return entries, cursor if isinstance(cursor, str) else None


def _explain(answer: Mapping[str, object]) -> ServiceError:
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
    words = clean_title(first.get("message"))[:200]
    if words:
        return UnexpectedResponse(SERVICE, f"answered with an error: {words}")
    return Private(SERVICE, "private: its owner does not share the watchlist with friends (plex.tv, account settings)")
