"""Posters: from our own origin, kept on the disk, drawn where there is none."""

import os
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import insert

from list_sync.api.mediaserver.images import MOST_BYTES, find_image_type
from list_sync.database.schema import titles
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.images import draw_poster
from list_sync.web.pages.rendering import Pages
from list_sync.web.posters.drawing import find_initials
from list_sync.web.posters.shelf import FOLDER, FRESH_SECONDS, Shelf
from tests.fakes.scripted_server import ScriptedServer, Served

FILM = "/img/movie/278.jpg"
PNG = draw_poster("movie278", 185)
WEEK = "private, max-age=604800, immutable"


def know(store, path="/movie278.png", *, tmdb=278, title="The Shawshank Redemption"):
    row = {"media_type": "movie", "tmdb_id": tmdb, "title": title, "poster_path": path, "season_numbers": ""}
    with store.writing() as connection:
        connection.execute(insert(titles).values(checked_at=datetime(2026, 1, 1, tzinfo=UTC), **row))


def is_drawn(answer):
    return answer.status_code == 200 and answer.headers["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("dialect", Dialect)
def test_a_poster_comes_from_the_server_once_and_then_from_the_disk(store, start_service, dialect):
    know(store)
    with DemoServer(dialect) as demo:
        service = start_service(OVERSEERR_URL=demo.url)
        first = service.get(FILM)
        wide = service.get(FILM, params={"w": 342})
    again = service.get(FILM)

    assert first.headers["Content-Type"] == "image/png"
    assert first.content == again.content == PNG
    assert wide.content == draw_poster("movie278", 342)
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == WEEK
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert demo.calls == []


def test_a_title_without_a_poster_has_a_drawn_one_for_a_short_time(store, start_service):
    know(store, "/other.png", tmdb=5, title='<script>"Ünder" & Över')
    with DemoServer() as demo:
        answer = start_service(OVERSEERR_URL=demo.url).get("/img/movie/5.jpg")

    assert is_drawn(answer)
    assert "immutable" not in answer.headers["Cache-Control"]
    assert "SÖ</text>" in answer.text
    assert "<script>" not in answer.text


def test_the_page_of_a_known_title_is_read_for_its_poster_and_that_of_an_unknown_one_is_not(store, start_service):
    know(store, None)
    service = start_service()
    service.get(FILM)
    service.get("/img/movie/999.jpg")

    assert service.server.asked == 1


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd.png", "/a/b.png", "//evil.example/x.png", "/x.svg", "x.png", "/x.png?a"]
)
def test_no_stored_path_leads_anywhere_else(store, start_service, path):
    know(store, path)
    with DemoServer() as demo:
        assert is_drawn(start_service(OVERSEERR_URL=demo.url).get(FILM))


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(store, start_service):
    for number in range(1, 6):
        know(store, tmdb=number)
    with ScriptedServer([Served(cut_after=-1)]) as server:
        service = start_service(OVERSEERR_URL=server.url)
        answers = [service.get(f"/img/movie/{number}.jpg") for number in range(1, 6)]

    assert all(map(is_drawn, answers))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Served(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 200, {"Content-Type": "image/svg+xml"}),
        Served(b"<html>", 200, {"Content-Type": "image/png"}),
        Served(PNG, 200, {"Content-Type": "text/html"}),
        Served(PNG + bytes(MOST_BYTES), 200, {"Content-Type": "image/png"}),
        Served(b"", 302, {"Location": "http://127.0.0.1:1/x.png"}),
        Served(b"", 500, {}),
    ],
)
def test_what_is_no_image_or_too_large_is_not_passed_on(store, start_service, tmp_path, answer):
    know(store)
    with ScriptedServer([answer]) as server:
        assert is_drawn(start_service(OVERSEERR_URL=server.url).get(FILM))
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize(
    "path",
    [
        "/img/movie/0.jpg",
        "/img/movie/-1.jpg",
        "/img/book/1.jpg",
        "/img/movie/1.jpg?w=9999",
        "/img/movie/99999999999999999999.jpg",
        "/img/movie/..%2f1.jpg",
    ],
)
def test_other_addresses_of_posters_are_refused(service, path):
    assert service.get(path).status_code in (404, 422)


def test_posters_need_credentials(service):
    assert service.get(FILM, token="").status_code == 401


def test_the_posters_that_were_not_shown_for_longest_go_first(tmp_path):
    now = 1_000_000_000.0
    shelf = Shelf(tmp_path, most_bytes=len(PNG) * 3, now=lambda: now)
    for number in range(3):
        shelf.keep(f"movie-{number}-185", PNG)
        os.utime(tmp_path / FOLDER / f"movie-{number}-185", (now - 10 * 86_400 + number, now - 10 * 86_400))
    assert shelf.find("movie-0-185") == PNG
    Shelf(tmp_path, most_bytes=len(PNG) * 3, now=lambda: now).keep("movie-3-185", PNG)

    assert {path.name for path in (tmp_path / FOLDER).iterdir()} == {"movie-0-185", "movie-3-185"}


def test_an_old_poster_is_read_again_and_shown_while_the_server_is_away(tmp_path):
    now = 1_000_000_000.0
    shelf = Shelf(tmp_path, now=lambda: now)
    shelf.keep("movie-1-185", PNG)
    os.utime(tmp_path / FOLDER / "movie-1-185", (now, now - FRESH_SECONDS - 1))

    assert shelf.find("movie-1-185") is None
    assert shelf.find("movie-1-185", is_old_enough=True) == PNG


def test_a_folder_that_takes_no_files_keeps_no_posters(tmp_path):
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    shelf = Shelf(tmp_path)
    shelf.keep("movie-1-185", PNG)

    assert shelf.find("movie-1-185") is None


def test_a_file_that_others_put_there_is_no_poster_unless_it_is_an_image(tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "movie-1-185").write_text("<html>")

    assert Shelf(tmp_path).find("movie-1-185") is None


@pytest.mark.parametrize(
    "beginning", [b"\xff\xd8\xff\xe0", b"RIFF\x0a\n\x00\x00WEBPVP8 ", b"\x00\x00\x00\x1cftypavif", PNG]
)
def test_images_are_known_by_their_beginning(beginning):
    assert find_image_type(beginning).startswith("image/")


def test_initials_are_those_of_the_first_and_the_last_word():
    assert [find_initials(one) for one in ("The General", "Metropolis", "", "?!", "9 to 5", "千と千尋")] == [
        "TG",
        "M",
        "",
        "",
        "95",
        "千",
    ]


def test_a_page_holds_the_place_of_a_poster_until_it_is_there(service):
    template = Pages(service.parts)._templates.from_string(
        "{% import 'm.html' as m with context %}{{ m.title('tv', 47, '<b>x</b>', 'show') }}{{ m.poster(none, none) }}"
    )
    tree = LexborHTMLParser(template.render())
    (image,) = tree.css("img")

    assert image.attributes["src"] == "/img/tv/47.jpg?w=185"
    assert {"width", "height"} <= image.attributes.keys()
    assert (image.attributes["alt"], image.attributes["loading"]) == ("", "lazy")
    assert [node.attributes["data-hue"] for node in tree.css(".poster")] == ["3", "1"]
    assert tree.css_first("bdi").text() == "<b>x</b>"
