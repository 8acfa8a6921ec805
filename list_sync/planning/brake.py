"""The brake: a run that wants very many titles more than usual requests nothing until the user accepts it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from list_sync.model.brake import BrakeFacts
from list_sync.model.decisions import Decision, Request, Skip
from list_sync.model.sources import FetchResult
from list_sync.model.waiting import HELD_BY_THE_BRAKE, RELEASE_THE_BRAKE
from list_sync.planning.own_rules import hold

# A run may want ten times the median of the runs before, and always this many.
TIMES = 10
ALWAYS_ALLOWED = 25
# The median of fewer runs says nothing.
FEWEST_RUNS = 5
STOPPED_WITH_IT = "the brake stopped the run before it requested anything; a later run requests it"


@dataclass(frozen=True, slots=True)
class Braked:
    """A run that the brake stops: its decisions, why in one sentence, and whether that is news."""

    decisions: Sequence[Decision]
    reason: str
    is_news: bool


def find_wanted(decisions: Sequence[Decision]) -> list[Request]:
    """Return the requests of a plan, also those that wait for their turn; a show that was not read counts as none."""
    found = [one if isinstance(one, Request) else one.held for one in decisions]
    return [request for request in found if request is not None and not request.is_unread]


def brake(decisions: Sequence[Decision], facts: BrakeFacts, fetched: Sequence[FetchResult]) -> Braked | None:
    """Return the run as the brake stops it; None if it does not want more than it may.

    The titles of a list that is read completely for the first time do not count, nor do those that waited before.
    """
    most = find_most(facts.requested)
    new_lists = {result.source.key for result in fetched if facts.is_first_reading(result)}

    def is_counted(request: Request) -> bool:
        keys = {source.key for source in request.match.wanted.sources}
        return keys.isdisjoint(new_lists) and not facts.has_waited(request)

    wanted = [request for request in find_wanted(decisions) if is_counted(request)]
    if most is None or len(wanted) <= most:
        return None
    reason = (
        f"the brake stopped the run before it requested anything: it wanted {len(wanted)} new titles, and after the "
        f"last runs at most {most} are usual; if they are right, {RELEASE_THE_BRAKE} requests them"
    )
    is_news = not all(facts.was_held(request) for request in wanted)
    return Braked([_stop(one, is_counted) for one in decisions], reason, is_news)


def find_most(requested: Sequence[int]) -> int | None:
    """Return how many new titles a run may want after runs that requested so many; None if there were too few runs."""
    if len(requested) < FEWEST_RUNS:
        return None
    return max(ALWAYS_ALLOWED, int(TIMES * median(requested)))


def _stop(decision: Decision, is_counted: Callable[[Request], bool]) -> Decision:
    request = decision if isinstance(decision, Request) else decision.held
    if request is None:
        return decision
    counts = not request.is_unread and is_counted(request)
    if isinstance(decision, Skip) and not counts:
        return decision
    reason = HELD_BY_THE_BRAKE if counts else STOPPED_WITH_IT
    return hold(request, reason)
