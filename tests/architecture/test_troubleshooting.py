"""docs/troubleshooting.md has every error, reason of a list and cause of a wait, in the program's own words."""

import ast
import re
from bisect import bisect_left

import list_sync.errors
from list_sync.errors import ListSyncError
from list_sync.fetching import reasons
from list_sync.model import waits
from list_sync.model.sources import AttemptOutcome
from list_sync.model.waiting import WaitingCause
from tests.architecture.test_docs import ROOT, codes, rows, section

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
SHORT = 8
NOTHING_TO_QUOTE = {"Service error", "List sync error", "What a message adds"}


def title_of(error):
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", error.__name__).capitalize()
    return words.replace(" vip", " VIP")


def texts_of(tree):
    """Yield every text of a module as it is shown, with … in place of its values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


SHOWN = "\n".join(text for path in (ROOT / "list_sync").rglob("*.py") for text in texts_of(parse(path)))


def test_every_error_has_an_entry_and_no_other_has_one():
    errors = {
        one for one in vars(list_sync.errors).values() if isinstance(one, type) and issubclass(one, ListSyncError)
    }

    assert {title_of(one) for one in errors} == set(ENTRIES) - {"What a message adds"}


def test_an_entry_says_what_one_sees_and_what_to_do():
    for title in set(ENTRIES) - {"What a message adds"}:
        assert re.findall(r"^\* \*\*(You see|Do)\*\*", ENTRIES[title], re.MULTILINE) == ["You see", "Do"], title


def longest_beginning(text):
    """Return the longest beginning of a text that the program has in one piece."""
    return text[: bisect_left(range(1, len(text) + 1), True, key=lambda length: text[:length] not in SHOWN)]


def is_of_the_program(text):
    """Return whether a text can be put together from long pieces of the program's texts."""
    while len(text) > SHORT:
        piece = longest_beginning(text)
        if len(piece) < SHORT:
            return False
        text = text[len(piece) :].lstrip(" :;,")
    return True


def test_the_words_that_one_sees_are_those_of_the_program():
    for title, entry in ENTRIES.items():
        seen = re.search(r"\* \*\*You see\*\* (.*?)(?=^\* |\Z)", entry, re.MULTILINE | re.DOTALL)
        quoted = codes(" ".join(seen[1].split())) if seen else []
        parts = [part.strip(" ,:;().") for text in quoted for part in text.split("…")]

        assert quoted or title in NOTHING_TO_QUOTE, title
        assert [part for part in parts if not is_of_the_program(part)] == [], title


def test_every_way_in_which_reading_a_list_ends_is_explained():
    shown = {codes(row[0])[0] for row in rows(section(PAGE, "A list that was not read in full")) if codes(row[0])}

    assert {outcome.words for outcome in AttemptOutcome} <= shown


def test_what_a_reason_adds_is_explained():
    texts = [text.strip(" ;:") for text in texts_of(parse(ROOT / "list_sync" / "fetching" / "reasons.py"))]
    added = [text for text in texts if text.count(" ") >= 2 and not text.endswith((".", "\n"))]

    assert reasons.NEXT_RUN in added
    assert [part for text in added for part in text.split("…") if len(part) > SHORT and part not in PAGE] == []


def test_every_cause_of_a_wait_is_explained_in_the_words_of_the_pages():
    table = {codes(row[0])[0]: tuple(row[1:3]) for row in rows(section(PAGE, "Titles that wait")) if codes(row[0])}

    assert table == {str(cause): waits._WORDS[cause] for cause in WaitingCause}
