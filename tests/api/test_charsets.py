"""The letters of a list: what the answer, the document and the bytes themselves say of their encoding."""

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.api.saved_lists.documents import decode
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.providers import FetchContext
from list_sync.providers.file import fetch_address
from tests.fakes.scripted_server import ScriptedServer, Served

BRAT = "Title;Year\r\nБрат;1997\r\n"
AMELIE = "Title;Year\r\nAmélie à Paris;2001\r\n"
LODZ = "Title;Year\r\nŁódź;2001\r\n"
FEED = '<?xml version="1.0" encoding="{}"?>\n<rss><channel><item><title>Брат (1997)</title></item></channel></rss>'


def fetch_title(content: bytes, content_type: str) -> str:
    with ScriptedServer([Served(content, headers={"Content-Type": content_type})]) as server:
        (page,) = fetch_address(f"{server.url}/kp.csv", context=FetchContext(http=HttpClient("file", retry_attempts=1)))
    (item,) = page.items
    return item.label


@pytest.mark.parametrize(
    ("content", "content_type", "label"),
    [
        (BRAT.encode("windows-1251"), "text/csv; charset=windows-1251", "Брат (1997)"),
        (BRAT.encode("koi8-r"), 'text/csv; charset="KOI8-R"', "Брат (1997)"),
        (BRAT.encode("iso8859-5"), "text/plain;charset=iso-8859-5", "Брат (1997)"),
        (LODZ.encode("iso8859-2"), "text/csv; charset=ISO-8859-2", "Łódź (2001)"),
        (
            "Title,Year\n千と千尋の神隠し,2001\n".encode("shift-jis"),
            "text/csv; charset=Shift_JIS",
            "千と千尋の神隠し (2001)",
        ),
        (BRAT.encode("utf-16"), "text/csv; charset=windows-1251", "Брат (1997)"),
        (BRAT.encode("utf-8-sig"), "text/csv; charset=windows-1251", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=utf-8", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=ISO-8859-1", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=windows-1251", "Брат (1997)"),
        ("Title,Year\n千と千尋,2001\n".encode("iso2022_jp"), "text/csv; charset=ISO-2022-JP", "千と千尋 (2001)"),
        ("Title,Year\n红楼梦,1987\n".encode("gbk"), "text/csv; charset=gb2312", "红楼梦 (1987)"),
        ("Title,Year\n千と千尋,2001\n".encode("cp932"), "text/csv; charset=x-sjis", "千と千尋 (2001)"),
        (BRAT.encode(), "text/csv", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=no-such-thing", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=zip", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=punycode", "Брат (1997)"),
        (BRAT.encode(), "text/csv; charset=", "Брат (1997)"),
        (AMELIE.encode("latin-1"), "text/csv; charset=utf-8", "Amélie à Paris (2001)"),
        (AMELIE.encode("latin-1"), "text/csv; charset=iso-8859-1", "Amélie à Paris (2001)"),
        (FEED.format("windows-1251").encode("windows-1251"), "application/rss+xml", "Брат (1997)"),
        (FEED.format("utf-8").encode("windows-1251"), "text/xml; charset=windows-1251", "Брат (1997)"),
        (FEED.format("windows-1251").encode("utf-8-sig"), "text/xml", "Брат (1997)"),
        (FEED.format("utf-16").encode(), "text/xml", "Брат (1997)"),
        (FEED.format("no-such-thing").encode(), "text/xml", "Брат (1997)"),
    ],
)
def test_a_document_is_read_in_the_encoding_that_is_stated_with_it(content: bytes, content_type: str, label: str):
    assert fetch_title(content, content_type) == label


@pytest.mark.parametrize("text", [BRAT, "Название;Год\nПесни южных морей;2008\nЁлки;2010\n", "Title\nВій (1967)"])
def test_cyrillic_letters_of_windows_are_known_by_their_words(text: str):
    assert decode(text.encode("windows-1251")) == text


@pytest.mark.parametrize(
    "text", [AMELIE, "Größe, Maß, Öl, ÄÖÜ", "Crème brûlée “naïve” – €", "Þjóðsögur", "Señor, ¿qué?"]
)
def test_western_letters_are_not_taken_for_cyrillic(text: str):
    assert decode(text.encode("cp1252")) == text


def test_files_that_were_joined_may_have_two_encodings():
    content = "Title,Year\nAmélie,2001\nBrüno,2009\n".encode() + "Léon,1994\n".encode("cp1252")

    assert [item.title for item in parse_list(content).items] == ["Amélie", "Brüno", "Léon"]
