"""Titles that are excluded by name: whole names, and expressions that can never take long."""

import pytest

from list_sync.model.name_patterns import LONGEST_NAME, build_test, parse_name


@pytest.mark.parametrize(
    ("text", "name", "is_excluded"),
    [
        ("The Bachelor", "the bachelor", True),
        ("The Bachelor", "The Bachelorette", False),
        ("/^The Bachelor/", "the BACHELORETTE", True),
        ("/^The Bachelor/", "Not The Bachelor", False),
        (r"/\b(WWE|UFC)\b/", "Best of WWE 2020", True),
        ("/season [0-9]{1,2}$/", "Reality season 12", True),
        ("/wrestl.*202[0-4]/", "Wrestling Night 2023", True),
        ("/^(the )?office( \\(us\\))?$/", "The Office (US)", True),
        ("/^(the )?.*foo.*$/", "The Foo Fighters", True),
        ("/", "/", True),
        ("AC/DC", "ac/dc", True),
    ],
)
def test_a_name_is_excluded_whole_or_by_an_expression(text, name, is_excluded):
    assert build_test(parse_name(text))(name) is is_excluded


@pytest.mark.parametrize(
    "text",
    [
        "/(a+)+$/",
        "/(a*)*$/",
        "/(a|a)*$/",
        "/(.*a){12}/",
        "/.*.*.*x/",
        "/a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaa/",
        "/" + "(a|a)" * 30 + "b/",
        "/(?=.*a)(?=.*b)(?=.*c)/",
        r"/(.)\1+/",
        "/(?:(?:a{0,50}){0,50}){0,50}b/",
    ],
)
def test_an_expression_that_could_take_long_is_refused(text):
    with pytest.raises(ValueError, match="could take very long"):
        parse_name(text)


@pytest.mark.parametrize("text", ["/(/", "/[a-/", "//", "/*/", "", "x" * 201, "/(?P<n>/", "/a{99999999999999999999}/"])
def test_what_is_no_name_and_no_expression_is_refused(text):
    with pytest.raises(ValueError, match="for example"):
        parse_name(text)


def test_the_most_expensive_expression_that_is_accepted_ends():
    excludes = build_test(parse_name("/.*.*x/"))

    assert not excludes("a" * 100_000)
    assert not excludes("a" * LONGEST_NAME + "x")
