"""The words of messages: whole, short, and as they are in each form."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from list_sync.log import INVISIBLE
from list_sync.model.notices import MOST_TITLES, Cause, Digest, Kind, Titles, Topic, Untold
from list_sync.notifying.rendering import Form, protect, render

NASTY = [
    "@everyone",
    "<@1>",
    "<!channel>",
    "[x](http://evil)",
    "<b>",
    "&amp;",
    "\u202e",
    "*_`~|",
    "# head",
    "\n\n",
    "\0",
]
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(NASTY)).map(" ".join)
TITLES = st.builds(
    lambda shown, more: Titles(tuple(shown), len(shown) + more),
    st.lists(TEXTS, max_size=MOST_TITLES),
    st.integers(0, 500),
)
DIGESTS = st.builds(Digest, st.integers(1, 10**6), st.dictionaries(st.sampled_from(Kind), TITLES, min_size=1))
CAUSES = st.builds(Cause, st.text(), st.sampled_from(Topic), TEXTS, TEXTS)
UNTOLD = st.builds(Untold, st.none() | DIGESTS, st.lists(CAUSES, max_size=5), st.lists(CAUSES, max_size=5)).filter(bool)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.add(tag)


@given(UNTOLD, st.sampled_from(Form), st.sampled_from(["", "https://lists.example/x"]), st.integers(200, 2000))
def test_no_text_from_elsewhere_calls_people_or_changes_the_form(untold, form, base_url, most):
    message = render(untold, form, base_url=base_url, most=most)

    assert len(message.body) <= most
    assert "@everyone" not in message.body + message.title
    assert "<@1>" not in message.body
    assert "<!channel>" not in message.body
    assert set(INVISIBLE.findall(message.body)) <= {"\u200b"}
    assert "](http://evil)" not in message.body or form is not Form.MARKDOWN
    if form is Form.HTML:
        assert Tags(message.body).found <= {"b", "br", "a"}


@given(DIGESTS, DIGESTS)
def test_digests_that_were_not_told_in_time_become_one_that_counts_all(first, second):
    both = first.with_more(second)

    assert both.run_id == second.run_id
    for kind in Kind:
        total = sum(one.titles[kind].total for one in (first, second) if kind in one.titles)
        assert (both.titles[kind].total if kind in both.titles else 0) == total
    assert all(len(one.shown) <= MOST_TITLES for one in both.titles.values())
    assert Digest.from_json(both.to_json()) == both


def test_many_titles_are_counted_and_lead_to_the_page_of_the_run():
    titles = Titles(tuple(f"Film {number}" for number in range(10)), 37)
    message = render(Untold(Digest(871, {Kind.REQUESTED: titles})), Form.TEXT, base_url="https://lists.example")

    lines = message.body.splitlines()
    assert message.title == "ListSync: 37 requested"
    assert lines[0] == "Requested: 37 titles https://lists.example/runs/871"
    assert (lines[1], lines[-1]) == ("• Film 0", "and 27 more")


def test_without_an_address_of_the_pages_there_is_no_link_and_another_household_is_named():
    cause = Cause("brake", Topic.ATTENTION, "The brake holds 30 titles back.", "", "/plan")
    message = render(Untold(begun=[cause], household="uhd"), Form.MARKDOWN)

    assert message.title == "ListSync, uhd: 1 notice"
    assert message.body == "The brake holds 30 titles back\\."


def test_a_title_keeps_its_letters():
    assert protect("Amélie 千と千尋 (2001) – 8½", Form.TEXT) == "Amélie 千と千尋 (2001) – 8½"
