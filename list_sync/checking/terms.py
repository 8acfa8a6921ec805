"""Checks what the terms of lists name at the server: requesters, approval, and where requests go."""

from collections.abc import Iterator, Sequence

from list_sync.checking.findings import Finding
from list_sync.model.exit_codes import ExitCode
from list_sync.model.servers import ServerInfo
from list_sync.model.sources import ListRef
from list_sync.model.terms import EACH, Approval
from list_sync.model.titles import MediaType, Quality, counted
from list_sync.model.users import ServerUser
from list_sync.surveying.agreeing import OVERRULED, Agreement


def look_at_terms(
    lists: Sequence[ListRef], agreement: Agreement, info: ServerInfo, owner: ServerUser, *, policy: str
) -> Iterator[Finding]:
    """Yield for each requester and each list with options what the server says; `policy` is the fingerprint."""
    agreed = agreement.agree(lists)
    yield from _look_at_4k(lists, info)
    yield from _look_at_requesters(lists, agreement)
    if not owner.may_request_for_others():
        names = [ref.label for ref in lists if ref.terms.approval is Approval.KEY]
        if names:
            advice = "use the API key of an administrator, or state approval: requester"
            text = f"approval: key of {', '.join(names)}: the key's owner may not request for others"
            yield Finding(f"{text}; {advice}", ExitCode.REFUSED)
    routed = [ref for ref in lists if ref.terms.server]
    if routed:
        agreement.learn(routed, info, policy=policy, again=True)
        for ref in routed:
            yield _look_at_options(ref, agreement)
        overruled = agreement.find_overruled(ref for ref in agreed if ref.terms.server)
        if overruled:
            yield Finding(f"note: {', '.join(overruled)}: {OVERRULED}")


def _look_at_4k(lists: Sequence[ListRef], info: ServerInfo) -> Iterator[Finding]:
    """Yield which lists want 4K that the server does not have; what it has for one kind may be all that they need."""
    missing = [kind.plural for kind in MediaType if not info.offers(kind, Quality.UHD)]
    names = [ref.label for ref in lists if Quality.UHD in ref.terms.qualities]
    if missing and names:
        text = f"quality: 4k of {', '.join(names)}: the server has no 4K server for {' and '.join(missing)}"
        if len(missing) < len(MediaType):
            yield Finding(f"note: {text}, so such titles are not requested in 4K")
            return
        advice = "add one on the server's page Settings, Services, or state another quality"
        yield Finding(f"{text}: {advice}", ExitCode.CONFIGURATION)


def _look_at_requesters(lists: Sequence[ListRef], agreement: Agreement) -> Iterator[Finding]:
    named: dict[str, list[ListRef]] = {}
    for ref in lists:
        if ref.terms.requester and ref.terms.requester != EACH:
            named.setdefault(ref.terms.requester, []).append(ref)
    users = {user.user_id: user for user in agreement.fetch_users()} if named else {}
    for refs in named.values():
        user_id, problem = agreement.find_requester(refs[0])
        if user_id is None:
            yield Finding(f"requester of {', '.join(ref.label for ref in refs)}: {problem}", ExitCode.CONFIGURATION)
        else:
            yield _look_at_permissions(users[user_id], refs)


def _look_at_permissions(user: ServerUser, lists: Sequence[ListRef]) -> Finding:
    name = f"user {user.user_id} ({user.name})"
    qualities = {quality for ref in lists for quality in ref.terms.qualities}
    wanted = [(kind, quality) for quality in sorted(qualities) for kind in MediaType]
    refused = [(kind, quality) for kind, quality in wanted if not user.may_request(kind, quality)]
    if not refused:
        return Finding(f"{name} requests the titles of {counted(len(lists), 'list')}")
    kinds = " and ".join(f"{'4K ' if quality is Quality.UHD else ''}{kind.plural}" for kind, quality in refused)
    advice = "give this user the permission on the server's page Users, or state another requester"
    return Finding(f"{name}, requester of {lists[0].label}, may not request {kinds}: {advice}", ExitCode.REFUSED)


def _look_at_options(ref: ListRef, agreement: Agreement) -> Finding:
    """Return whether the options fit; what fits one kind of titles alone may be meant for that kind."""
    found = agreement.destinations_of(ref)
    obstacles = [f"{kind.plural}: {one.obstacle}" for (kind, _), one in found.items() if one.obstacle]
    if not obstacles:
        return Finding(f"server of {ref.label}: all names are known")
    text = f"server of {ref.label}: {'; '.join(dict.fromkeys(obstacles))}"
    if len(obstacles) < len(found):
        return Finding(f"note: {text}: such titles of this list would wait")
    return Finding(f"{text}: its titles wait", ExitCode.CONFIGURATION)
