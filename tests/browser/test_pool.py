import os
import re
import shutil
import signal
import threading
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from list_sync.browser import BrowserPool, folder
from list_sync.browser.folder import make_browser_folder
from list_sync.errors import NotOffered, ServiceUnavailable, SyncCancelled
from tests.browser.sightings import folders, processes
from tests.fakes.patience import PATIENCE_SECONDS, wait_until

WISH = {"service": "local", "wait_for": ".item"}


def kill_browser():
    for process, line in processes().items():
        if "/chromium" in line and "--type=" not in line and "crashpad" not in line:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def test_a_pool_of_none_says_which_setting_switched_it_off(tmp_path):
    pool = BrowserPool(0, stop=threading.Event(), folder=tmp_path)

    with pytest.raises(NotOffered, match="SELENIUM_POOL_SIZE=0"):
        pool.read_page("http://127.0.0.1:9/", **WISH)
    pool.close()


def test_without_chromium_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    pool = BrowserPool(1, stop=threading.Event(), folder=tmp_path)

    with pytest.raises(NotOffered, match=r"Chromium is not installed: install it .* SELENIUM_POOL_SIZE=0"):
        pool.read_page("http://127.0.0.1:9/", **WISH)


def test_where_there_is_no_room_the_message_names_the_folders(make_pool, tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "NEEDED_BYTES", 2**60)

    with pytest.raises(ServiceUnavailable, match=r"no room for a browser: .* has \d+ MB free where .*TMPDIR"):
        make_pool().read_page("http://127.0.0.1:9/", **WISH)


def test_a_driver_that_does_not_fit_is_a_named_error_and_leaves_nothing(make_pool, tmp_path):
    driver = tmp_path / "chromedriver"
    driver.write_text("#!/bin/sh\nexit 1\n")
    driver.chmod(0o755)
    before = folders()

    with pytest.raises(ServiceUnavailable, match=r"the browser does not start: .*SELENIUM_POOL_SIZE=0"):
        make_pool(driver_folder=tmp_path).read_page("http://127.0.0.1:9/", **WISH)
    assert processes() == {}
    assert folders() == before


def test_threads_share_one_browser_politely(pool, site):
    pages = []

    def read():
        pages.extend(pool.read_page(f"{site.url}/slow", pause_seconds=0.4, **WISH) for _ in range(2))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert len(pages) == 4
    assert site.most_at_once == 1
    assert all(later - earlier >= 0.4 for (_, earlier), (_, later) in pairwise(site.visits))
    assert len(folders()) == 1


def test_two_browsers_still_take_turns_at_one_host(make_pool, site):
    pool = make_pool(2)
    first = pool.read_pages(f"{site.url}/scripted", then_click="#next", pause_seconds=0.3, **WISH)
    next(first)

    assert "late" in pool.read_page(f"{site.url}/slow", pause_seconds=0.3, **WISH)
    assert len(folders()) == 2
    assert len(list(first)) == 2
    assert site.most_at_once == 1


def test_a_browser_that_nobody_needs_ends_by_itself(make_pool, site):
    make_pool(idle_seconds=0.2).read_page(f"{site.url}/scripted", pause_seconds=0, **WISH)

    wait_until(lambda: not processes())
    assert folders() == []


def test_a_pool_that_was_closed_begins_anew(pool, site):
    for _ in range(2):
        assert "item" in pool.read_page(f"{site.url}/scripted", pause_seconds=0, **WISH)
        pool.close()
        assert processes() == {}
        assert folders() == []


def test_after_a_crash_a_fresh_browser_goes_on_where_the_other_was(pool, site):
    pages = pool.read_pages(f"{site.url}/scripted", then_click="#next", pause_seconds=0, **WISH)
    seen = [next(pages)]
    kill_browser()
    seen += pages

    assert [re.search(r"page \d", html).group() for html in seen] == ["page 1", "page 2", "page 3"]
    assert len(site.visits) == 2


def test_a_page_at_which_browsers_crash_is_given_up_after_the_second(pool, site):
    site.on_visit = lambda _path: kill_browser()

    with pytest.raises(ServiceUnavailable, match="the browser crashed twice"):
        pool.read_page(f"{site.url}/slow", pause_seconds=0, **WISH)
    assert len(site.visits) == 2
    assert processes() == {}


def test_whoever_waits_for_a_browser_or_a_page_stops_when_told_to(make_pool, site):
    stop = threading.Event()
    pool = make_pool(stop=stop)
    ends = []

    def read():
        try:
            pool.read_page(f"{site.url}/never", **WISH)
        except SyncCancelled:
            ends.append("stopped")

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: processes())
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert len(ends) == 2
    assert processes() == {}
    assert folders() == []


def test_keys_of_the_environment_are_not_passed_on(pool, site, monkeypatch):
    monkeypatch.setenv("OVERSEERR_API_KEY", "a secret of ours")
    pool.read_page(f"{site.url}/scripted", pause_seconds=0, **WISH)

    environments = [Path(f"/proc/{process}/environ").read_bytes() for process in processes()]
    assert environments
    assert not any(b"a secret of ours" in environment for environment in environments)


def test_what_a_killed_process_left_is_swept_up_by_the_next(short_folder):
    left = make_browser_folder([short_folder])
    used = make_browser_folder([short_folder])
    left.lock.release()
    for one in (left, used):
        os.utime(one.path, (0, 0))

    newest = make_browser_folder([short_folder])

    assert folders(short_folder) == sorted([used.path, newest.path])
    used.remove()
    newest.remove()
    assert folders(short_folder) == []


@pytest.mark.parametrize("place", ["home", "t"])
def test_a_removal_that_is_broken_off_anywhere_is_finished_by_the_next_browser(short_folder, monkeypatch, place):
    left = make_browser_folder([short_folder])
    remove = shutil.rmtree

    def break_off(path, **options):
        remove(path, **options)
        if path.name == place:
            raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", break_off)
    with pytest.raises(KeyboardInterrupt):
        left.remove()
    monkeypatch.undo()
    left.lock.release()
    os.utime(left.path, (0, 0))

    make_browser_folder([short_folder]).remove()

    assert folders(short_folder) == []


def test_what_a_dying_browser_writes_during_the_removal_is_removed_by_the_next_browser(short_folder, monkeypatch):
    left = make_browser_folder([short_folder])
    remove = shutil.rmtree

    def write_again(path, **options):
        remove(path, **options)
        (path / "profile").mkdir(parents=True)

    monkeypatch.setattr(shutil, "rmtree", write_again)
    left.remove()
    monkeypatch.undo()
    assert folders(short_folder) == [left.path]
    os.utime(left.path, (0, 0))

    make_browser_folder([short_folder]).remove()

    assert folders(short_folder) == []


def test_a_folder_that_was_emptied_but_not_removed_is_removed_by_the_next_browser(short_folder):
    left = make_browser_folder([short_folder])
    shutil.rmtree(left.path)
    left.path.mkdir()
    left.lock.release()
    os.utime(left.path, (0, 0))

    make_browser_folder([short_folder]).remove()

    assert folders(short_folder) == []
