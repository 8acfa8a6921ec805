"""What `why` takes beside a database of very many titles, without the start of the program.

`python -m benchmarks.why [--titles 100000]` records the titles once in a temporary folder, then runs the command in
this process for ids, names, parts of names and misspelt names, and prints the least milliseconds of each. The exit
code is 1 if an id or a name took more than 100 ms.
"""

import argparse
import contextlib
import io
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from list_sync.commands.why import show_why
from list_sync.database.store import open_store
from list_sync.model.decisions import ItemStatus, RequestOutcome, Skip
from list_sync.model.matches import Match, MatchMethod, WantedItem
from list_sync.model.moments import utc_now
from list_sync.model.rules import OWN_RULES, OwnRule, RuleResult
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.storage.titles import record_outcomes

WORDS = (
    *("the", "of", "night", "river", "shadow", "green", "house", "lost", "king", "return", "dark", "love", "story"),
    *("last", "first", "city", "summer", "winter", "road", "home", "café", "señor"),
)
MOST_MILLISECONDS = 100
REASON = "available on the server"
RULES = (
    *(RuleResult(words, passed=True) for words in OWN_RULES[:-1]),
    RuleResult(OwnRule.LEFT.words, passed=False, value=REASON),
)


def main() -> int:
    """Record, measure and print the table."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--titles", type=int, default=100_000, metavar="N")
    count = made.parse_args().titles
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"DATA_DIR": name, "OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key"}
        names = fill(Path(name), count)
        some = names[count // 2]
        part, misspelt = " ".join(some.split()[:2]), some.replace("e", "", 1)
        asked = [f"movie:{count // 2}", f"tt{count // 3:07}", str(count // 4), some, part, misspelt, "Nothing of it"]
        print("| asked for | least of 5 |\n|:--|--:|")
        taken = {text: min(measure(text) for _ in range(5)) for text in asked}
    for text, milliseconds in taken.items():
        print(f"| `{text}` | {milliseconds:.0f} ms |")
    return int(max(list(taken.values())[:4]) > MOST_MILLISECONDS)


def fill(folder: Path, count: int) -> list[str]:
    """Record so many films, and return their names."""
    chance = random.Random(1)
    names = [" ".join(chance.choices(WORDS, k=chance.randint(2, 4))).title() + f" {number}" for number in range(count)]
    source = ListRef("imdb", "ls000000001")
    outcomes = []
    for number, name in enumerate(names, 1):
        item = MediaItem(name, MediaType.MOVIE, 1950 + number % 75, MediaIds(number, f"tt{number:07}"))
        match = Match(WantedItem(item, (source,)), MediaType.MOVIE, number, MatchMethod.TMDB_ID)
        skip = Skip(match, ItemStatus.ALREADY_AVAILABLE, REASON, Quality.HD, RULES)
        outcomes.append(RequestOutcome(skip, skip.status, REASON))
    with open_store(folder / "list_sync.db") as store, store.writing() as connection:
        record_outcomes(connection, HOME, outcomes, run_id=1, at=utc_now())
    return names


def measure(text: str) -> float:
    """Return the milliseconds of one `why`."""
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        show_why(text)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
