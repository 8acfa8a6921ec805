"""The report of a run as text."""

from dataclasses import replace

from list_sync.commands.report import MOST_TITLES, print_report
from list_sync.model.decisions import ItemStatus
from list_sync.model.titles import MediaType, Quality
from tests.builders import a_match, an_item
from tests.unit.commands.records import a_report, available, requested, skipped

REFUSED = "user 3 may not request films: You do not have permission to make movie requests."


def test_a_refusal_that_many_titles_share_is_given_once(capsys):
    outcomes = [
        replace(requested(a_match(number), reason=reason), status=ItemStatus.REQUEST_FAILED)
        for number, reason in ((1, REFUSED), (2, "no profile"), (3, REFUSED), (4, REFUSED))
    ]

    print_report(a_report(*outcomes))

    out = capsys.readouterr().out
    assert (out.count(REFUSED), out.count("no profile"), out.count("as above")) == (1, 1, 2)


def test_a_dry_run_ends_with_a_summary(capsys):
    outcome = skipped(a_match(), ItemStatus.WOULD_REQUEST, "a dry run")

    print_report(a_report(outcome, dry_run=True))

    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "dry run: nothing was changed on the server; a sync would request 1 title"


def test_with_all_every_title_is_shown(capsys):
    outcomes = [available(f"Film {number}", number, year=2000) for number in range(1, MOST_TITLES + 2)]

    print_report(a_report(*outcomes))
    assert "Film 1 " not in capsys.readouterr().out

    print_report(a_report(*outcomes), everything=True)
    assert capsys.readouterr().out.count("Film ") == len(outcomes)


def test_a_title_of_an_id_is_shown_by_its_name_once_that_is_known(capsys):
    nameless = [requested(a_match(number, item=an_item("", tmdb=number))) for number in (603, 604)]

    print_report(a_report(*nameless), {(MediaType.MOVIE, 603): "The Matrix (1999)"})

    out = capsys.readouterr().out
    assert "The Matrix (1999)" in out
    assert "tmdb:604" in out
    assert "tmdb:603" not in out


def test_a_title_in_4k_is_told_from_the_same_one_in_hd(capsys):
    print_report(a_report(requested(), requested(quality=Quality.UHD)))
    both = capsys.readouterr().out
    print_report(a_report(requested(quality=Quality.UHD)))

    assert both.count(" movie 4k ") == both.count(" movie     ") == 1
    # The word is left out where all titles have one quality.
    assert "4k" not in capsys.readouterr().out
