import re
import threading

import pytest

from list_sync.browser import BrowserPool
from list_sync.errors import (
    Blocked,
    RateLimited,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from tests.browser.sightings import processes

# As short as a busy machine allows, which takes seconds to show any page.
HASTY_SECONDS = 5.0
QUICK = {"service": "local", "wait_for": ".item", "pause_seconds": 0.0}


@pytest.fixture(scope="module")
def pool(browser_installed, tmp_path_factory):
    pool = BrowserPool(1, stop=threading.Event(), folder=tmp_path_factory.mktemp("state"), timeout_seconds=120)
    yield pool
    pool.close()


def items(html):
    return re.findall(r"page \d item \d|linked \d", html.partition("<script>")[0])


def test_a_page_is_read_once_its_scripts_have_filled_it(pool, site):
    html = pool.read_page(f"{site.url}/scripted", **QUICK)

    assert items(html) == ["page 1 item 1", "page 1 item 2", "page 1 item 3"]
    assert html.startswith("<!DOCTYPE html><html>")


def test_pages_follow_one_another_by_clicking_until_the_button_is_off(pool, site):
    pages = list(pool.read_pages(f"{site.url}/scripted", then_click="#next", **QUICK))

    assert [items(html)[0] for html in pages] == ["page 1 item 1", "page 2 item 1", "page 3 item 1"]
    assert [path for path, _ in site.visits] == ["/scripted"]


def test_pages_follow_one_another_by_links_until_there_is_none(pool, site):
    pages = list(pool.read_pages(f"{site.url}/linked", then_click="a.next", **QUICK))

    assert [items(html) for html in pages] == [["linked 1"], ["linked 2"], ["linked 3"]]


def test_a_page_about_cookies_is_clicked_away_once_for_all_pages(pool, site):
    first = pool.read_page(f"{site.url}/cookies", accept="#accept", **QUICK)
    second = pool.read_page(f"{site.url}/cookies", accept="#accept", **QUICK)

    assert items(first) == items(second) == ["page 1 item 1", "page 1 item 2", "page 1 item 3"]
    assert len(site.visits) == 3


@pytest.mark.parametrize(("path", "who"), [("/waf", "AWS WAF"), ("/cloudflare", "Cloudflare")])
def test_a_challenge_that_stays_blocks(make_pool, site, path, who):
    with pytest.raises(Blocked, match=f"blocked: {who} puts a challenge before the page, and it stays"):
        make_pool(timeout_seconds=HASTY_SECONDS).read_page(f"{site.url}{path}", **QUICK)


def test_a_check_that_the_browser_passes_by_itself_is_waited_for(pool, site):
    assert "in</p>" in pool.read_page(f"{site.url}/passing", **QUICK)


def test_a_page_that_never_comes_is_named_in_time_and_the_browser_goes_on(make_pool, site):
    pool = make_pool(timeout_seconds=HASTY_SECONDS)

    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1 did not answer within 5 s|was not there after 5 s"):
        pool.read_page(f"{site.url}/never", **QUICK)

    assert items(pool.read_page(f"{site.url}/scripted", **QUICK))


def test_a_page_that_arrives_in_two_halves_is_read_to_its_end(pool, site):
    html = pool.read_page(f"{site.url}/halting", **QUICK)

    assert re.findall("[a-z]+ half", html) == ["first half", "second half"]


def test_a_page_of_which_a_part_never_comes_is_read_all_the_same(pool, site):
    assert "here" in pool.read_page(f"{site.url}/stuck", **QUICK)


@pytest.fixture(scope="module")
def hasty_pool(browser_installed, tmp_path_factory):
    pool = BrowserPool(
        1, stop=threading.Event(), folder=tmp_path_factory.mktemp("state"), timeout_seconds=HASTY_SECONDS
    )
    yield pool
    pool.close()


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/missing", ResourceNotFound, "not found"),
        ("/down", ServiceUnavailable, "in trouble .HTTP 503"),
        ("/forbidden", Blocked, "HTTP 403"),
        ("/often", RateLimited, "HTTP 429"),
        ("/empty", UnexpectedResponse, 'the page "Local" does not hold what is looked for'),
        ("/large", UnexpectedResponse, "over 32 MB"),
    ],
)
def test_what_comes_in_place_of_the_page_is_named(hasty_pool, site, path, error, words):
    with pytest.raises(error, match=words):
        hasty_pool.read_page(f"{site.url}{path}", **QUICK)


def test_a_next_page_that_never_comes_is_named_and_the_first_is_kept(make_pool, site):
    pages = make_pool(timeout_seconds=HASTY_SECONDS).read_pages(f"{site.url}/dead-end", then_click="#next", **QUICK)

    assert "one" in next(pages)
    with pytest.raises(UnexpectedResponse, match="the next page never came"):
        next(pages)


def test_a_site_that_is_not_there_is_named(pool):
    with pytest.raises(ServiceUnavailable, match="cannot be reached by the browser"):
        pool.read_page("http://127.0.0.1:9/", **QUICK)


def test_the_browser_checks_certificates_and_keeps_origins_apart(pool, site):
    pool.read_page(f"{site.url}/scripted", **QUICK)
    lines = " ".join(processes().values())

    assert "--user-data-dir" in lines
    for switch in ("--ignore-certificate-errors", "--disable-web-security", "--allow-running-insecure-content"):
        assert switch not in lines


def test_plain_is_plain_and_undetected_is_undetected(pool, make_pool, site):
    assert "by true" in pool.read_page(f"{site.url}/who", **QUICK)

    undetected = make_pool(undetected=True)
    assert "by false" in undetected.read_page(f"{site.url}/who", **QUICK)
    assert any("/drivers/uc_driver" in line for line in processes().values())
