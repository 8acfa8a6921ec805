"""Editing any lists.yaml with any change: the reader finds what was meant, and every other line stays as it was."""

import json
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.config.policy.documents import parse_document
from list_sync.config.policy.editing import add_list, build_edit, change_list, change_policy, remove_list
from list_sync.config.policy.quoting import write_text, write_value
from list_sync.config.policy.reading import parse_policy
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.terms import Terms
from list_sync.providers import available_providers

PATH = Path("lists.yaml")
PROVIDERS = available_providers()
SOURCES = [
    "imdb:ls000000001",
    "trakt:alice/one",
    "plex:watchlist",
    "https://www.imdb.com/list/ls000000002/",
    "mdblist:alice/noir-nights",
    "trakt:bob/two",
]
HOSTILE = [
    *("yes", "no", "null", "~", "true", "007", "1e3", "12:30", "0x1f", "=", "<<", "on", ".inf", "-", "--- a", "- a"),
    *("#a", "a #b", "a: b", "a:", ":a", "*a", "&a", "!a", "%a", "@a", "`a`", "|", ">", "? a", "{a}", "[a]", "a, b"),
    *("'a'", '"a"', "it's", 'say "a"', "\\n", "<b>&amp;</b>", "{{ a }}", "é漢字🎬", "a\\", "x" * 200, "none", "..."),
]
NAMES = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
TERMS = st.fixed_dictionaries(
    {},
    optional={
        "requester": NAMES.filter(lambda name: name.lower() != "each"),
        "quality": st.sampled_from(["hd", "4k", "both"]),
        "seasons": st.sampled_from(["all", "first:2", ["1", "2"], "0"]),
        "limit": st.sampled_from(["1", "50", "none"]),
        "hold": st.sampled_from(["2h", "1d 12h"]),
        "schedule": st.sampled_from(["6h", "0 3 * * *", "* * * * *"]),
        "enabled": st.sampled_from(["on", "off"]),
        "filters": st.fixed_dictionaries(
            {"kind": st.sampled_from(["movie", "any"])},
            optional={
                "year": st.sampled_from([">=1990", {"range": ">=1990", "unknown": "wait"}, "1994"]),
                "exclude_genres": st.lists(
                    st.sampled_from(["Horror", "War", "Sci-Fi & Fantasy"]), min_size=1, unique=True
                ),
            },
        ),
        "server": st.fixed_dictionaries(
            {"profile": NAMES}, optional={"tags": st.lists(NAMES, max_size=3), "anime": st.just({"profile": "Anime"})}
        ),
    },
)


@st.composite
def documents(draw):
    """Return what a file states, and a text that states it, written in one of many ways."""
    sources = draw(st.lists(st.sampled_from(SOURCES), unique=True, max_size=4))
    entries = []
    for number, source in enumerate(sources):
        terms = draw(TERMS)
        if draw(st.booleans()):
            terms["name"] = f"{draw(NAMES)[:20]}{number}"
        items = draw(st.permutations(list({"source": source, **terms}.items())))
        entries.append(dict(items) if len(items) > 1 or draw(st.booleans()) else source)
    named = [entry["name"] for entry in entries if isinstance(entry, dict) and "name" in entry]
    document = {"lists": entries}
    if named and draw(st.booleans()):
        document["exclusions"] = [{"list": draw(st.sampled_from(named))}, {"title": draw(NAMES.filter(_is_name))}]
    if draw(st.booleans()):
        document["defaults"] = draw(TERMS.filter(bool))
    if draw(st.booleans()):
        document["caps"] = {"per_run": "50", "per_day": "100"}
    document = dict(draw(st.permutations(list(document.items()))))
    if draw(st.integers(0, 9)) == 0:
        return document, json.dumps(document, indent=draw(st.sampled_from([None, 2])), ensure_ascii=False)
    lines = list(Writer(draw).map_lines(document, 0))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return document, draw(st.sampled_from(["", "\ufeff"])) + newline.join(lines) + draw(st.sampled_from(["", newline]))


def _is_name(text):
    return not text.startswith("/") and any(letter.isalnum() for letter in text)


class Writer:
    """Writes YAML with comments, blank lines and quotes as people do."""

    def __init__(self, draw):
        self.draw, self.comments = draw, 0

    def flip(self):
        return self.draw(st.integers(0, 3)) == 0

    def comment(self):
        self.comments += 1
        return f"# comment {self.comments}"

    def between(self, column):
        if self.flip():
            yield self.draw(st.sampled_from(["", " " * column + self.comment(), self.comment()]))

    def after(self):
        return f"  {self.comment()}" if self.flip() else ""

    def inline(self, value):
        if isinstance(value, str) and self.flip():
            if value.isprintable() and self.flip():
                return "'" + value.replace("'", "''") + "'"
            return json.dumps(value, ensure_ascii=False)
        return write_value(value)

    def map_lines(self, value, column):
        for key, one in value.items():
            yield from self.between(column)
            yield from self.pair_lines(key, one, column)

    def pair_lines(self, key, value, column):
        key = self.draw(st.sampled_from([key, f'"{key}"'])) if self.flip() else key
        blanks = " " * column
        if isinstance(value, str) or not value or self.flip():
            yield f"{blanks}{key}: {self.inline(value)}{self.after()}"
            return
        yield f"{blanks}{key}:{self.after()}"
        if isinstance(value, dict):
            yield from self.map_lines(value, column + self.draw(st.sampled_from([1, 2, 4])))
        else:
            yield from self.entry_lines(value, column + self.draw(st.sampled_from([0, 2])))

    def entry_lines(self, values, column):
        for value in values:
            yield from self.between(column)
            if isinstance(value, str) or self.flip():
                yield f"{' ' * column}- {self.inline(value)}{self.after()}"
                continue
            space = self.draw(st.sampled_from([" ", "   "]))
            lines = [line for pair in value.items() for line in self.pair_lines(*pair, column + 1 + len(space))]
            yield f"{' ' * column}-{space}{lines[0].lstrip()}"
            yield from lines[1:]


def edit(text, change):
    return build_edit(PATH, text, change, providers=PROVIDERS, policy=HouseholdPolicy())


def read(text):
    return parse_policy(PATH, text, providers=PROVIDERS, policy=HouseholdPolicy())


def lines_of(text):
    return text.removeprefix("\ufeff").splitlines()


def count_lost(text, after):
    """Return how many lines of a text are not there any more."""
    return (Counter(lines_of(text)) - Counter(lines_of(after))).total()


def terms_of(file):
    return [(ref.key, ref.terms) for ref in (*file.lists, *file.disabled)]


ADDED = "letterboxd:alice/watchlist"


@settings(max_examples=15)
@given(documents(), TERMS, NAMES)
def test_a_list_that_is_added_changes_no_line_but_its_own_and_goes_without_a_trace(written, terms, name):
    _, text = written
    added = edit(text, add_list(ADDED, terms | {"name": f"{name[:90]}!{name[:90]}"}))

    # Between brackets, a list is added to a line that is there.
    assert count_lost(text, added.after) <= 1
    assert count_lost(added.after, text) <= 1 + len(terms) + 2
    (ref,) = [ref for ref in (*added.file.lists, *added.file.disabled) if ref.provider == "letterboxd"]
    assert ref.terms.name == f"{name[:90]}!{name[:90]}".strip()
    back = edit(added.after, remove_list(ref))
    assert terms_of(back.file) == terms_of(added.former)
    assert back.file.policy.fingerprint == added.former.policy.fingerprint or "lists" not in text


@settings(max_examples=15)
@given(documents().filter(lambda written: written[0]["lists"]), TERMS, st.data())
def test_terms_that_are_changed_are_read_as_meant_and_other_lists_stay_as_they_are(written, terms, data):
    _, text = written
    before = read(text)
    ref = data.draw(st.sampled_from([*before.lists, *before.disabled]))
    gone = data.draw(
        st.lists(st.sampled_from(["quality", "limit", "filters", "server", "enabled", "name"]), max_size=3)
    )
    name = {"name": data.draw(NAMES)[:20] + "!"} if data.draw(st.booleans()) else {}
    wanted = dict.fromkeys(gone) | terms | name
    changed = edit(text, change_list(ref, wanted))

    others = [terms for terms in terms_of(before) if terms[0] != ref.key]
    found = [terms for terms in terms_of(changed.file) if terms[0] != ref.key]
    assert [key for key, _ in found] == [key for key, _ in others] or "enabled" in wanted
    comments = [line.partition("# comment")[2] for line in lines_of(text) if "# comment" in line]
    if "filters" not in wanted and "server" not in wanted and not gone:
        assert all(f"# comment{comment}" in changed.after for comment in comments)
    (now,) = [one for one in (*changed.file.lists, *changed.file.disabled) if one.key == ref.key]
    if "requester" in terms:
        assert now.terms.requester == terms["requester"]
    if name:
        assert now.terms.name == name["name"]


@settings(max_examples=15)
@given(documents().filter(lambda written: written[0]["lists"]), st.data())
def test_a_list_that_is_removed_takes_only_its_own_lines_with_it(written, data):
    _, text = written
    before = read(text)
    ref = data.draw(st.sampled_from([*before.lists, *before.disabled]))
    changed = edit(text, remove_list(ref))

    assert terms_of(changed.file) == [terms for terms in terms_of(before) if terms[0] != ref.key]


@settings(max_examples=15)
@given(documents(), TERMS)
def test_defaults_that_are_changed_and_changed_back_leave_the_same_policy(written, terms):
    document, text = written
    changed = edit(text, change_policy({"defaults": terms, "brake": "off"}))
    gone = edit(changed.after, change_policy({"defaults": None, "brake": None}))
    back = edit(gone.after, change_policy({"defaults": document.get("defaults")}))

    assert back.file.policy.defaults == read(text).policy.defaults
    assert terms_of(back.file) == terms_of(read(text))


@settings(max_examples=50)
@given(st.text(max_size=40) | NAMES)
def test_every_text_is_written_as_what_is_read_as_this_text(text):
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    assert parse_document(f"- {write_text(text)}\n")[0].plain() == [text]
    assert parse_document(f"[a, {write_text(text, in_flow=True)}]\n")[0].plain() == ["a", text]


def test_no_terms_at_all_are_the_usual_ones():
    assert read("lists: [plex:watchlist]").lists[0].terms == Terms()
