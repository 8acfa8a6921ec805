"""Names that are the same, and names that must stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.matching.titles import (
    bare_keys,
    country_suffix,
    is_same_name,
    is_searchable,
    move_article,
    name_keys,
    plain_title,
    relaxed_text,
    search_text,
    strict_key,
    weak_key,
    weak_keys,
)

SAME = [
    ("THE MATRIX", "the matrix"),
    ("Amélie", "AMELIE"),
    ("Amélie", "Ame\u0301lie"),
    ("Søren & Łukasz", "soren and lukasz"),
    ("Æon Flux", "Aeon Flux"),
    ("Straße", "strasse"),
    ("Fast & Furious", "Fast and Furious"),
    ("Spider-Man", "Spider Man"),
    ("Spider–Man", "Spider-Man"),
    ("Ocean's Eleven", "Ocean’s Eleven"),
    ("Schindler's List", "Schindlers List"),
    ("Mission: Impossible", "Mission Impossible"),
    ("WALL·E", "Wall-E"),
    ("  The   Thing ", "The Thing"),
    ("ＡＫＩＲＡ", "Akira"),
    ("Alien³", "Alien 3"),
    ("Part ½ Done", "Part 1/2 Done"),
    ("Soft\u00adHyphen", "SoftHyphen"),
    ("Bell\u0007Ringer", "Bell Ringer"),
    ("I ❤️ You", "I ❤ You"),
    ("Ёлки", "Елки"),
    ("Ἀθήνα", "Αθηνα"),
    ("ガンダム", "ｶﾞﾝﾀﾞﾑ"),
    ("9–1–1", "9-1-1"),
    ("’71", "'71"),
    ("S.W.A.T.", "S W A T"),
]
APART = [
    ("Alien", "Aliens"),
    ("9", "Nine"),
    ("1", "+1"),
    ("!!!", "???"),
    ("!!!", "!!"),
    ("...", "…?"),
    ("&", "And"),
    ("$", ""),
    ("8½", "812"),
    ("50/50", "5050"),
    ("9-1-1", "9/11"),
    ("Йод", "Иод"),
    ("が", "か"),
    ("기생충", "기생"),
    ("千と千尋の神隠し", "千尋の神隠し"),
    ("عربي", "عرب"),
    ("It", "I.T."),
    ("The Matrix", "Matrix"),
    ("Rocky II", "Rocky 2"),
]
WEAKLY_SAME = [
    ("Matrix, The", "The Matrix"),
    ("Matrix", "The Matrix"),
    ("A Bug's Life", "Bug's Life, A"),
    ("Dolce Vita, La", "La dolce vita"),
    ("Avventura, L'", "L’Avventura"),
    ("Rocky II", "Rocky 2"),
    ("Rocky Two", "Rocky II"),
    ("Twelve Monkeys", "12 Monkeys"),
    ("The Godfather Part II", "The Godfather: Part Two"),
    ("S.W.A.T.", "SWAT"),
    ("E.T. the Extra-Terrestrial", "ET the Extra Terrestrial"),
    ("The Office (US)", "The Office"),
    ("The Office (U.S.)", "The Office"),
    ("Spiderman", "Spider-Man"),
    ("Spiderman 2", "Spider-Man II"),
    ("Samourai", "Le Samouraï"),
    ("El Camino", "Camino"),
    ("Malcolm 10", "Malcolm X"),
    ("Apollo XIII", "Apollo 13"),
]
WEAKLY_APART = [
    ("9", "Nine"),
    ("V", "5"),
    ("X", "Ten"),
    ("I, Robot", "1 Robot"),
    ("The", "A"),
    ("The The", "A"),
    ("1", "+1"),
    ("!!!", "???"),
    ("", "The"),
    ("Rocky", "Rocky II"),
    ("La La Land", "Land"),
    ("Die Hard", "Hard"),
    ("Now Here", "Nowhere"),
    ("Rocky III", "Rocky II"),
    ("Blade Runner (2049)", "Blade Runner"),
]


OTHERWISE_WRITTEN = [
    ("Matrix, The", "The Matrix"),
    ("Matrix, The", "Matrix"),
    ("Camino, El", "El Camino"),
    ("Avventura, L'", "L’Avventura"),
    ("“The Thing”", "Thing"),
    ("An Education", "Education"),
    ("The One", "One"),
    ("The 100", "100"),
    ("The A-Team", "A-Team"),
    ("Rocky II", "Rocky 2"),
    ("Rocky Two", "Rocky II"),
    ("Star Trek Ⅱ", "Star Trek 2"),
    ("Saw IX", "Saw Nine"),
    ("Twelve Monkeys", "12 Monkeys"),
    ("Two and a Half Men", "2 and a Half Men"),
    ("Ocean's Eleven", "Oceans 11"),
    ("Toy Story Twenty", "Toy Story 20"),
    ("The Godfather Part II", "The Godfather: Part Two"),
    ("Part Two", "Part 2"),
    ("S.W.A.T.", "SWAT"),
    ("M*A*S*H", "MASH"),
    ("Law & Order: S.V.U.", "Law and Order SVU"),
    ("E.T. the Extra-Terrestrial", "ET the Extra Terrestrial"),
    ("A.I. Artificial Intelligence", "AI Artificial Intelligence"),
    ("The A.B.C. Murders", "The ABC Murders"),
    ("WALL·E", "Walle"),
    ("U-571", "U571"),
    ("Fahrenheit 9/11", "Fahrenheit 911"),
    ("10,000 BC", "10000 BC"),
    ("Ocean's Eleven", "Ocean s Eleven"),
    ("Spiderman", "Spider-Man"),
    ("Spiderman 2", "Spider-Man II"),
    ("The Office (US)", "The Office (USA)"),
    ("The Office (U.S.)", "Office [US]"),
    ("Shameless (UK)", "Shameless (GB)"),
]
NOT_ONE_NAME = [
    ("The Stranger", "A Stranger"),
    ("El Camino", "Camino"),
    ("La Haine", "Haine"),
    ("Le Samouraï", "Samourai"),
    ("Das Boot", "The Boot"),
    ("The The", "The"),
    ("A-Team", "Team"),
    ("A.I.", "I"),
    ("Malcolm X", "Malcolm 10"),
    ("Apollo XIII", "Apollo 13"),
    ("Final Fantasy XV", "Final Fantasy 15"),
    ("Part I", "Part 1"),
    ("Toy Story Twenty-One", "Toy Story 21"),
    ("Seven", "Se7en"),
    ("One", "1"),
    ("The Nine", "9"),
    ("X", "10"),
    ("Anna Karenina (UK)", "Anna Karenina"),
    ("Anna Karenina (UK)", "Anna Karenina (US)"),
    ("Mädchen", "Maedchen"),
    ("हिन्दी", "हनद"),
]


def test_these_are_one_name_written_in_two_ways():
    for one, other in OTHERWISE_WRITTEN:
        assert is_same_name(one, other), (one, other)
        assert is_same_name(other, one), (one, other)
        assert strict_key(one) != strict_key(other), (one, other)


def test_what_is_written_alike_is_one_name():
    for one, other in SAME:
        assert is_same_name(one, other), (one, other)


def test_these_are_not_one_name():
    for one, other in NOT_ONE_NAME:
        assert not is_same_name(one, other), (one, other)
        assert not is_same_name(other, one), (one, other)


def test_these_are_the_same_name():
    for one, other in SAME:
        assert strict_key(one) == strict_key(other) != "", (one, other)


def test_these_are_different_names():
    for one, other in APART:
        assert strict_key(one) != strict_key(other), (one, other)


def test_these_are_the_same_name_in_the_weak_tier_only():
    for one, other in WEAKLY_SAME:
        assert not weak_keys(one).isdisjoint(weak_keys(other)), (one, other)
        assert strict_key(one) != strict_key(other), (one, other)


def test_these_are_different_names_even_in_the_weak_tier():
    for one, other in WEAKLY_APART:
        assert weak_keys(one).isdisjoint(weak_keys(other)), (one, other)


@given(st.text())
def test_normalising_twice_changes_nothing(title):
    assert strict_key(strict_key(title)) == strict_key(title)
    assert weak_key(weak_key(title)) == weak_key(title)


@given(st.text())
def test_what_is_written_as_a_key_stays_so(title):
    for key in name_keys(title) | bare_keys(title):
        assert name_keys(key) == {key}


words = st.sampled_from(["The", "a", "AN", "II", "x", "i.", "S.", "W.", "one", "Nine", "12", "(US)", ",", ":"]) | (
    st.sampled_from(["é", "ß", "が", "기", "'s", "-", "Matrix,", "l'", "&", "2"])
)


@given(st.lists(words, max_size=8).map(" ".join))
def test_normalising_the_words_that_matter_twice_changes_nothing(title):
    assert strict_key(strict_key(title)) == strict_key(title)
    assert weak_key(weak_key(title)) == weak_key(title)

    for key in name_keys(title) | bare_keys(title):
        assert name_keys(key) == {key}


titles = st.text(max_size=12) | st.lists(words, max_size=4).map(" ".join)


@given(titles)
def test_a_title_is_of_one_name_with_itself(title):
    assert is_same_name(title, title) or not strict_key(title)


@given(titles, titles)
def test_two_titles_are_of_one_name_whichever_is_first(one, other):
    assert is_same_name(one, other) == is_same_name(other, one)


@given(
    st.lists(st.sampled_from(["Matrix", "rocky", "II", "Nine", "S.W.A.T.", "7"]), min_size=1, max_size=3).map(" ".join)
)
def test_an_article_may_be_missing_and_may_not_be_another(title):
    assert is_same_name(f"The {title}", title)
    assert not is_same_name(f"The {title}", f"An {title}")
    assert not is_same_name(f"El {title}", title)


@given(st.text(), st.text())
def test_the_weak_tier_joins_more_than_the_strict_one_and_never_less(one, other):
    if strict_key(one) == strict_key(other) and country_suffix(one) == country_suffix(other):
        assert weak_key(strict_key(one)) == weak_key(strict_key(other))


@given(st.text(alphabet=st.characters(categories=["P", "S", "N"]), min_size=1))
def test_a_title_of_signs_and_digits_never_becomes_an_empty_key(title):
    assert strict_key(title) or not title.strip()
    assert weak_key(title) or not title.strip()


@given(
    st.text(alphabet="0123456789+-/!?.$#", min_size=1, max_size=6), st.text(alphabet="0123456789+-/!?.$#", min_size=1)
)
def test_different_titles_of_signs_and_digits_have_different_keys(one, other):
    assert (one == other) == (strict_key(one) == strict_key(other))


@pytest.mark.parametrize(
    ("title", "country"),
    [("The Office (US)", "US"), ("The Office [U.S.A.]", "US"), ("Shameless (U.K.)", "GB"), ("Shameless (GB)", "GB")],
)
def test_a_country_in_brackets_is_recognised(title, country):
    assert country_suffix(title) == country


@pytest.mark.parametrize("title", ["The Office", "(US)", "Life (and Death)", "Us", "It (2017)"])
def test_what_is_no_country_stays(title):
    assert country_suffix(title) == ""


@pytest.mark.parametrize("title", ["Now, Voyager", "Me, Myself & Irene", ", The", "The Matrix", "10,000 BC"])
def test_a_comma_that_is_no_article_stays(title):
    assert move_article(title) == title


def test_a_title_cannot_smuggle_an_id_into_the_search():
    assert search_text("tmdb:603  IMDB:tt1 tvdb:5 Year:2000 Mission: Impossible") == (
        "tmdb 603 IMDB tt1 tvdb 5 Year 2000 Mission: Impossible"
    )


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("The Island", "island"),
        ("Rocky II", "rocky"),
        ("Twelve Monkeys", "monkeys"),
        ("The Office (US)", "office"),
        ("Heat", ""),
        ("9", ""),
        ("The One", "one"),
        ("The 9", "9"),
        ("300", ""),
    ],
)
def test_the_relaxed_search_asks_for_the_words_that_all_spellings_share(title, text):
    assert relaxed_text(title) == text


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Mr. &amp; Mrs. Smith", "Mr. & Mrs. Smith"),
        ("Ocean&#39;s Thirteen", "Ocean's Thirteen"),
        ("Taxi Driver (1976)", "Taxi Driver"),
        ("Taxi Driver [1976]", "Taxi Driver"),
        ("Inter\u200bstellar", "Interstellar"),
        ("Blade Runner (2049)", "Blade Runner (2049)"),
        ("AT&T; R&B &copyright", "AT&T; R&B &copyright"),
        ("1976", "1976"),
    ],
)
def test_a_title_is_freed_of_what_its_list_added(title, plain):
    assert plain_title(title, 1976) == plain


@pytest.mark.parametrize(
    ("title", "is_possible"), [("…", False), ("!", False), ("+1", True), ("기", True), ("", False)]
)
def test_a_title_of_signs_alone_cannot_be_searched(title, is_possible):
    assert is_searchable(title) is is_possible
