"""`review`: the titles that need a decision; on a terminal, one question for each."""

import sys
from contextlib import suppress
from datetime import UTC, datetime

from list_sync.commands.correcting import pin_commands
from list_sync.commands.json_output import print_json
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import is_terminal, say
from list_sync.correcting.keys import keys_to_pin
from list_sync.correcting.pins import find_reviews
from list_sync.correcting.reviewing import Review
from list_sync.database.store import Store
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.titles import counted, tmdb_page_url
from list_sync.storage.title_search import TitleRecord


def show_review(*, as_json: bool = False, household: str = HOME) -> ExitCode:
    """Print the titles that need a decision with the commands for each, or ask about them one by one."""
    store = find_own_store(load_for_command(household), as_json=as_json)
    if store is None:
        if as_json:
            print_json({"titles": []})
        return ExitCode.OK
    with store:
        reviews = find_reviews(store)
        if as_json:
            print_json({"titles": [_build_object(record, is_settled=is_settled) for record, is_settled in reviews]})
            return ExitCode.OK
        waiting = [record for record, is_settled in reviews if not is_settled]
        if waiting and is_terminal() and sys.stdin.isatty():
            return _ask_all(store, waiting)
    for record, is_settled in reviews:
        say(f"{record.label}: {record.reason}")
        for line in ["settled by you; the next sync uses it"] if is_settled else pin_commands(record):
            say(f"  {line}")
    settled = len(reviews) - len(waiting)
    more = f"; {counted(settled, 'title')} settled by you, which the next sync uses" if settled else ""
    say(f"{counted(len(waiting), 'title')} to review{more}" if waiting else f"nothing to review{more}")
    return ExitCode.OK


def _build_object(record: TitleRecord, *, is_settled: bool) -> dict[str, object]:
    """Return a title to review as JSON has it."""
    return {
        "title": record.label,
        "key": keys_to_pin(record)[0],
        "reason": record.reason,
        "settled": is_settled,
        "candidates": [
            {"label": one.label, "kind": one.media_type, "tmdb_id": one.tmdb_id} for one in record.candidates
        ],
        "lists": record.lists,
    }


def _ask_all(store: Store, waiting: list[TitleRecord]) -> ExitCode:
    """Ask about each title until the last one, or until the user ends it."""
    review = Review(store, waiting)
    say(f"{counted(len(waiting), 'title')} to review")
    with suppress(EOFError, KeyboardInterrupt):
        while (record := review.present) is not None:
            _print_question(record, place=len(review.decided) + 1, total=len(waiting))
            while not _carry_out(review, input("number, (b)an, (s)kip, (u)ndo, (q)uit: ").strip().lower()):
                say("please type one of these")
    say()
    decided = len(waiting) - review.still_open
    say(f"{counted(decided, 'title')} decided, which the next sync uses; {review.still_open} still open")
    return ExitCode.OK


def _print_question(record: TitleRecord, *, place: int, total: int) -> None:
    say()
    say(f"{place} of {total}: {record.label}: {record.reason}; on {', '.join(record.lists) or 'no list any more'}")
    for number, candidate in enumerate(record.candidates, 1):
        say(f"  {number}  {candidate.label}, {tmdb_page_url(candidate.media_type, candidate.tmdb_id)}")


def _carry_out(review: Review, answer: str) -> bool:
    """Do what an answer says; return False if it is none."""
    now = datetime.now(UTC)
    match answer:
        case "b" | "ban":
            review.ban(at=now)
        case "s" | "skip":
            review.skip()
        case "u" | "undo":
            return review.undo()
        case "q" | "quit":
            raise EOFError
        case _:
            return answer.isdecimal() and review.choose(int(answer), at=now)
    return True
