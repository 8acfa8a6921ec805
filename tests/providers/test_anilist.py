"""AniList: spellings of lists, the question, titles and kinds of anime."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.errors import InvalidListId, ResourceNotFound, UnexpectedResponse
from list_sync.fetching.completeness import ListReading
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers.anilist import (
    AnilistList,
    fetch,
    find_error,
    list_query,
    parse_chunk,
    parse_entries,
    parse_list_id,
    parse_media,
)
from tests.fakes.scripted_server import Served
from tests.providers.answers import answer, asked_for, document, items_of, served
from tests.providers.fuzzing import JSON, changed, result_or_words


@pytest.mark.parametrize(
    ("list_id", "target"),
    [
        ("someone", AnilistList("someone", "PLANNING")),
        ("someone/Planning", AnilistList("someone", "PLANNING")),
        ("someone/animelist/Watching", AnilistList("someone", "CURRENT")),
        ("user/someone/animelist", AnilistList("someone", "PLANNING")),
        ("https://anilist.co/user/Some-One_1/animelist", AnilistList("Some-One_1", "PLANNING")),
        ("https://anilist.co/user/someone/animelist/Completed", AnilistList("someone", "COMPLETED")),
        ("http://www.anilist.co/user/someone/animelist/Paused/?x=1#y", AnilistList("someone", "PAUSED")),
        ("anilist.co/user/someone/animelist/dropped", AnilistList("someone", "DROPPED")),
        ("anilist.co/user/someone/", AnilistList("someone", "PLANNING")),
        ("https://anilist.co/user/someone/animelist/To%20buy", AnilistList("someone", None, "To buy")),
        ("someone/all", AnilistList("someone", None)),
    ],
)
def test_every_spelling_names_a_list(list_id: str, target: AnilistList):
    assert parse_list_id(list_id) == target


@pytest.mark.parametrize(
    "list_id",
    [
        "",
        "/",
        "some one",
        "someone/mangalist",
        "someone/a/b",
        "https://anilist.co/anime/1/Sample",
        "https://anilist.co/",
        "https://example.org/user/someone/animelist",
    ],
)
def test_anything_else_is_refused(list_id: str):
    with pytest.raises(InvalidListId):
        parse_list_id(list_id)


def test_the_question_asks_for_one_status_or_for_all():
    planning = list_query(AnilistList("someone"), 2)

    assert planning["variables"] == {"user": "someone", "status": "PLANNING", "chunk": 2, "size": 500}
    assert "status" not in list_query(AnilistList("someone", None), 1)["variables"]


def test_the_english_title_comes_first_and_ids_of_other_catalogues_are_left_out():
    chunk = parse_chunk(answer("anilist/list.json", "anilist"))
    page = parse_entries([entry for _, entries in chunk.lists for entry in entries])

    assert [replace(item, other_titles=()) for item in page.items] == [
        MediaItem("Sample Show", MediaType.TV, 2011, MediaIds()),
        MediaItem("Hitori no Eiga", MediaType.MOVIE, 2016, MediaIds()),
        MediaItem("Short Sample", None, 2019, MediaIds()),
    ]
    assert page.items[0].names == ("Sample Show", "Mihon", "標本")
    assert page.unsupported_kinds == {"music video": 1}


@pytest.mark.parametrize(
    ("form", "episodes", "kind"),
    [
        ("TV", None, MediaType.TV),
        ("TV_SHORT", 1, MediaType.TV),
        ("ONA", 1, MediaType.TV),
        ("OVA", 4, MediaType.TV),
        ("OVA", 1, None),
        ("SPECIAL", None, None),
        ("MOVIE", 1, MediaType.MOVIE),
        (None, None, None),
    ],
)
def test_the_kind_follows_the_format(form: str | None, episodes: int | None, kind: MediaType | None):
    media = {"title": {"romaji": "Mihon"}, "format": form, "episodes": episodes, "startDate": None}

    assert parse_media(media) == MediaItem("Mihon", kind)


def test_the_chunks_are_asked_for_until_the_last():
    answers = [served("anilist/list-page-1.json"), served("anilist/list-page-2.json")]

    pages, asked = asked_for("anilist", fetch, "someone", answers)

    assert [request.json["variables"]["chunk"] for request in asked] == [1, 2]
    assert (len(items_of(pages)), pages[-1].total) == (5, 5)


def test_only_the_named_list_is_read():
    pages, asked = asked_for(
        "anilist", fetch, "anilist.co/user/someone/animelist/to%20BUY", [served("anilist/list.json")]
    )

    assert (items_of(pages), pages[-1].total) == ([], 1)
    assert "status" not in asked[0].json["variables"]


def chunk(name: str, *titles: str, more: object = True) -> dict[str, object]:
    entries = [
        {"media": {"title": {"english": title}, "startDate": {"year": 2000}, "format": "TV"}} for title in titles
    ]
    collection = {"hasNextChunk": more, "lists": [{"name": name, "entries": entries}]}
    return {"data": {"MediaListCollection": collection}}


def test_many_chunks_of_other_lists_end_no_list_of_the_users_own():
    answers = [
        *(Served(chunk("Planning", f"Show {number}")) for number in range(7)),
        Served(chunk("Mine", "A", more=False)),
    ]
    reading = ListReading()
    pages, _ = asked_for("anilist", fetch, "someone/Mine", answers)

    assert all(reading.add(page) for page in pages)
    assert (len(reading.items), reading.is_whole) == (1, True)


@pytest.mark.parametrize(
    "document",
    [
        chunk("Planning", "A", more=None),
        chunk("Planning", "A", more=False) | {"errors": [{"message": "Timed out"}]},
    ],
)
def test_an_answer_that_may_be_a_part_is_no_whole_list(document: object):
    with pytest.raises(UnexpectedResponse):
        parse_chunk(answer(json.dumps(document).encode(), "anilist"))


def test_a_list_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(ResourceNotFound, match='no list "Nothing", there are Planning, To buy'):
        asked_for("anilist", fetch, "someone/Nothing", [served("anilist/list.json")])


def parse(value: object) -> object:
    read = answer(json.dumps(value).encode(), "anilist")
    error = find_error(read)
    if error is not None:
        raise error
    return [parse_entries(entries) for _, entries in parse_chunk(read).lists]


@given(JSON | changed(document("anilist/list.json")) | changed(document("anilist/private.json")))
def test_any_json_gives_items_or_a_named_error(value: object):
    result_or_words(parse, value)


@given(st.text())
def test_any_spelling_is_a_list_or_refused(text: str):
    result_or_words(parse_list_id, text)
