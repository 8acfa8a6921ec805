"""What wishing and planning cost with very many titles on one list and on many, with terms of each list.

`python -m benchmarks.policy [--titles 50000]` makes the titles, of which the server has three of four, puts them on
1, 10 and 40 lists with filters, exclusions, priorities and caps, and measures in a new process for each row: the
least seconds of the processor in three tries, and the highest use of memory, with imports. The exit code is 1 if 40
lists took more than 2 s or 300 MB, or if a title costs more than 20 % more on 40 lists than on one.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from list_sync.merging.merge import merge_wishes
from list_sync.model.decisions import Decision, Knowledge, Policy, Request
from list_sync.model.filters import Filters, Range
from list_sync.model.limits import Limits
from list_sync.model.matches import Match, MatchMethod, Place, WantedItem
from list_sync.model.policy import Exclusions
from list_sync.model.servers import Availability, Dialect, MediaState, ServerInfo, TitleDetails
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.planning.caps import cap
from list_sync.planning.plan import decide_all
from list_sync.wishing.exclusions import Excluded, exclude
from list_sync.wishing.wishes import build_wishes

NUMBERS_OF_LISTS = (1, 10, 40)
MOST_SECONDS = 2.0
MOST_MEGABYTES = 300
MOST_GROWTH = 1.2
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
POLICY = Policy(max_requests_per_run=50, max_requests_per_day=20, max_requests_by_all=100, has_file=True)
INFO = ServerInfo(Dialect.SEERR, movie_4k=True, series_4k=True)


def main() -> int:
    """Measure each number of lists in a process of its own, or only the one that is named, and print the table."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--titles", type=int, default=50_000, metavar="N")
    made.add_argument("--lists", type=int, metavar="N", help="only this row, without its heading")
    options = made.parse_args()
    if options.lists:
        print(*measure(options.titles, options.lists))
        return 0
    rows = {number: measure_apart(options.titles, number) for number in NUMBERS_OF_LISTS}
    print("| titles | lists | requests | seconds | a title | peak |\n|--:|--:|--:|--:|--:|--:|")
    for number, (requests, seconds, megabytes) in rows.items():
        micro = seconds / options.titles * 1e6
        print(
            f"| {options.titles:,} | {number} | {requests:.0f} | {seconds:.2f} | {micro:.1f} µs | {megabytes:.0f} MB |"
        )
    (_, least, _), (_, most, megabytes) = rows[NUMBERS_OF_LISTS[0]], rows[NUMBERS_OF_LISTS[-1]]
    return int(most > MOST_SECONDS or megabytes > MOST_MEGABYTES or most > least * MOST_GROWTH)


def measure_apart(titles: int, lists: int) -> tuple[float, float, float]:
    """Return the figures of one row, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.policy", "--titles", str(titles), "--lists", str(lists)]
    requests, seconds, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(requests), float(seconds), float(megabytes)


def measure(titles: int, lists: int) -> tuple[int, float, float]:
    """Return the number of requests, the least seconds of the processor, and the highest use of memory in MB."""
    sources = [ListRef("imdb", f"ls{number:09}", make_terms(number)) for number in range(lists)]
    matches, knowledge = make_matches(titles, sources), make_knowledge(titles)
    excluded = Excluded.build(Exclusions(names=("/^Film 1234/",)), ())
    taken = []
    for _ in range(3):
        began = time.process_time()
        decisions = plan(matches, sources, knowledge, excluded)
        taken.append(time.process_time() - began)
    went = sum(isinstance(one, Request) for one in decisions)
    return went, min(taken), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_terms(number: int) -> Terms:
    """Return the terms of a list; all lists have as many rules, so that only the number of lists differs."""
    return Terms(
        requester_id=number % 3 + 1,
        priority=number % 4,
        filters=Filters(year=Range(1950, None)),
        limit=40_000,
        max_new_per_day=5,
        max_open=10,
        hold=timedelta(hours=2),
    )


def make_matches(titles: int, sources: Sequence[ListRef]) -> list[Match]:
    """Return matched titles, each on one list, and every tenth on the next one as well."""
    made = []
    for number in range(titles):
        kind = MediaType.TV if number % 4 == 0 else MediaType.MOVIE
        item = MediaItem(f"Film {number}", kind, 1940 + number % 86, MediaIds(number + 1, f"tt{number:07}"))
        first = number % len(sources)
        on = sources[first : first + 2] if number % 10 == 0 else sources[first : first + 1]
        places = tuple(Place(source.key, number // len(sources) + 1) for source in on)
        made.append(Match(WantedItem(item, tuple(on), places), kind, number + 1, MatchMethod.TMDB_ID))
    return made


def make_knowledge(titles: int) -> Knowledge:
    """Return what is known of a server that has three of four titles, and of all shows."""
    states, details = {}, {}
    for number in range(titles):
        key = (MediaType.TV if number % 4 == 0 else MediaType.MOVIE, number + 1)
        state = MediaState(*key, Availability.AVAILABLE if number % 16 < 12 else Availability.UNKNOWN)
        if state.availability is Availability.AVAILABLE:
            states[key] = state
        if key[0] is MediaType.TV:
            details[key] = TitleDetails(*key, f"Film {number}", None, None, number + 1, (0, 1, 2), state)
    return Knowledge(INFO, states, details)


def plan(
    matches: Sequence[Match], sources: Sequence[ListRef], knowledge: Knowledge, excluded: Excluded
) -> Sequence[Decision]:
    """Return the decisions about titles as a run makes them, from the matches on."""
    wishes = exclude(merge_wishes(build_wishes(matches), sources), excluded)
    decided = decide_all(wishes, knowledge, POLICY, now=NOW)
    waiting = {wish.key: NOW for wish in wishes if wish.key}
    return cap(decided, replace(POLICY, limits=Limits(known_since=waiting)), now=NOW)


if __name__ == "__main__":
    sys.exit(main())
