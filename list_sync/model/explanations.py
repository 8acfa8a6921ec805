"""The explanation of a decision: what the title was matched by, whose wish it is, and what each rule said."""

from dataclasses import dataclass

from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.matches import Match, MatchMethod, MatchResult
from list_sync.model.rules import RuleResult
from list_sync.model.sources import ListRef
from list_sync.model.terms import UNSTATED, Approval, SentOptions

# An explanation is stored for each title, so its size has a limit.
MOST_RULES = 40
MOST_CONSIDERED = 5
LONGEST_TEXT = 200
_WANTED_BY_NONE = frozenset({ItemStatus.FILTERED, ItemStatus.EXCLUDED})


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a title was decided as it was.

    `entry` is the id or the name of the list's entry that it was matched by, and `considered` are the titles that TMDB
    offered for it. `source` is the list that decided about requester, approval and options. Where there are too
    many rules, those that failed are kept, and `rules_left_out` counts the others.
    """

    method: MatchMethod | None = None
    entry: str = ""
    considered: tuple[str, ...] = ()
    source: str = ""
    requester_id: int = 1
    approval: Approval = Approval.REQUESTER
    priority: int = 0
    seasons: tuple[int, ...] = ()
    options: SentOptions | None = None
    rules: tuple[RuleResult, ...] = ()
    rules_left_out: int = 0


def explain(outcome: RequestOutcome) -> Explanation:
    """Return the explanation of the outcome of one title."""
    decision, result = outcome.decision, outcome.result
    request = decision if isinstance(decision, Request) else decision.held
    source = _find_source(outcome, request)
    terms = source.terms if source else UNSTATED
    rules = _choose(decision.rules)
    return Explanation(
        method=result.method if isinstance(result, Match) else None,
        entry=_find_entry(result)[:LONGEST_TEXT],
        considered=_name_considered(result),
        source=source.label[:LONGEST_TEXT] if source else "",
        requester_id=request.requester_id if request else terms.requester_id,
        approval=request.approval if request else terms.approval,
        priority=terms.priority,
        seasons=request.seasons if request else (),
        options=request.options if request else None,
        rules=rules,
        rules_left_out=len(decision.rules) - len(rules),
    )


def _find_source(outcome: RequestOutcome, request: Request | None) -> ListRef | None:
    """Return the list that decides: that of the request, or else the most important one; None if none wants it."""
    if request is not None and request.source is not None:
        return request.list_ref
    sources = outcome.result.wanted.sources
    return None if outcome.status in _WANTED_BY_NONE or not sources else sources[0]


def _find_entry(result: MatchResult) -> str:
    """Return what the list states that the title was looked up by."""
    item = result.wanted.item
    method = result.method if isinstance(result, Match) else None
    if method is MatchMethod.TMDB_ID and isinstance(result, Match):
        return f"tmdb:{result.media_type}:{result.tmdb_id}"
    if method is MatchMethod.IMDB_ID and item.ids.imdb:
        return f"imdb:{item.ids.imdb}"
    if method is MatchMethod.TVDB_ID and item.ids.tvdb:
        return f"tvdb:{item.ids.tvdb}"
    return item.label if item.title else item.key


def _name_considered(result: MatchResult) -> tuple[str, ...]:
    considered = result.considered if isinstance(result, Match) else result.candidates
    return tuple(candidate.label[:LONGEST_TEXT] for candidate in considered[:MOST_CONSIDERED])


def _choose(rules: tuple[RuleResult, ...]) -> tuple[RuleResult, ...]:
    """Return as many rules as are kept, in their order; one that failed says more than one that passed."""
    if len(rules) <= MOST_RULES:
        return rules
    ranked = sorted(range(len(rules)), key=lambda place: (rules[place].passed, place))
    return tuple(rules[place] for place in sorted(ranked[:MOST_RULES]))
