from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.config.rhythms import parse_schedule
from list_sync.config.values import (
    drop_quotes,
    find_zone,
    parse_boolean,
    parse_log_format,
    parse_log_level,
    parse_number,
    parse_secret,
    parse_server_url,
    parse_url,
    parse_whole,
    parse_zone,
)
from list_sync.model.masking import bare_address


def attempt(parse, text):
    """Return the parsed value and no refusal, or no value and the refusal's words."""
    try:
        return parse(text), None
    except ValueError as error:
        return None, str(error)


def hours(text):
    return parse_number(text, least=0, most=8760, example="24, or 0.5")


def user_id(text):
    return parse_whole(text, least=1, most=2**31 - 1, example="1")


@pytest.mark.parametrize("word", ["true", "True", "1", "YES", "on"])
def test_words_of_consent_are_true(word):
    assert parse_boolean(word) is True


@pytest.mark.parametrize("word", ["false", "FALSE", "0", "no", "Off"])
def test_words_of_denial_are_false(word):
    assert parse_boolean(word) is False


@given(st.text())
def test_a_boolean_is_one_of_eight_words_or_a_refusal(text):
    parsed, refusal = attempt(parse_boolean, text)

    if refusal is not None:
        assert "write true or false" in refusal
        assert "\n" not in refusal
    else:
        assert text.lower() in (("true", "1", "yes", "on") if parsed else ("false", "0", "no", "off"))


@pytest.mark.parametrize(("text", "number"), [("0.5", 0.5), ("24", 24.0), ("0", 0.0), (".25", 0.25), ("12.", 12.0)])
def test_hours_may_have_decimals(text, number):
    assert hours(text) == number


@pytest.mark.parametrize("text", ["-1", "nan", "NaN", "inf", "1e3", "24h", "0x10", "1_000", "٣", "1 2", "--1", "9999"])
def test_what_is_no_sensible_number_of_hours_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"for example 24, or 0\.5"):
        hours(text)


def test_a_comma_in_a_number_is_named():
    with pytest.raises(ValueError, match="write it with a point"):
        hours("0,5")


@given(st.floats(min_value=0, max_value=8760))
def test_every_sensible_number_of_hours_is_read_as_written(number):
    assert hours(f"{number:.6f}") == pytest.approx(number, abs=1e-6)


@given(st.text())
def test_a_number_is_finite_and_in_range_or_refused(text):
    number, refusal = attempt(hours, text)

    assert 0 <= number <= 8760 if refusal is None else "\n" not in refusal


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.0", "", "9" * 40, "१"])
def test_what_is_no_user_id_is_refused(text):
    with pytest.raises(ValueError, match="for example 1"):
        user_id(text)


def test_a_whole_number_is_read():
    assert user_id("7") == 7


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://overseerr:5055", "http://overseerr:5055"),
        ("http://overseerr:5055/", "http://overseerr:5055"),
        ("https://host.example/overseerr//", "https://host.example/overseerr"),
        ("HTTPS://Host.Example/overseerr/api/v1/", "https://Host.Example/overseerr"),
        ("http://host/api/v1", "http://host"),
        ("http://[::1]:5055", "http://[::1]:5055"),
        ("http://list_sync_seerr:5055", "http://list_sync_seerr:5055"),
        ("http://bücher.example", "http://bücher.example"),
        ("http://user:secret@host:1/x", "http://user:secret@host:1/x"),
    ],
)
def test_the_servers_address_keeps_its_prefix_and_loses_what_we_add_ourselves(text, url):
    assert parse_server_url(text) == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("overseerr:5055", "begin with http"),
        ("192.168.1.10:5055", "begin with http"),
        ("ftp://host", "begin with http"),
        ("http:/host", "begin with http"),
        ("http://", "no host name"),
        ("http:///overseerr", "no host name"),
        ("http://:5055", "no host name"),
        ("http://host:port", "port"),
        ("http://host:70000", "port"),
        ("http://host:0", "port"),
        ("http://${HOST}:5055", "character"),
        ("http://my host", "blank"),
        ("http://host\n.example", "blank"),
        ("http://[::1", "cannot be read"),
        ("http://host/?x=1", r"before any \?"),
        ("http://host/#/login", r"before any \?"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_an_example(text, reason):
    with pytest.raises(ValueError, match=reason) as refusal:
        parse_server_url(text)
    assert "for example http://" in str(refusal.value)


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://me:hunter2@"]))
def test_an_address_is_accepted_or_refused_in_one_line_that_never_repeats_it(text, start):
    url, refusal = attempt(parse_url, start + text)

    if refusal is not None:
        assert "\n" not in refusal
        assert "hunter2" not in refusal
    else:
        assert not url.endswith("/")
        assert parse_url(url) == url
        assert "hunter2" not in bare_address(url)


def test_credentials_in_an_address_are_hidden():
    assert bare_address("https://me:p@ss@host:1/a/b@c") == "https://host:1/a/b@c"
    assert bare_address("http://host/x") == "http://host/x"


@given(st.text(min_size=1))
def test_a_secret_fits_into_a_header_or_is_refused_without_being_repeated(text):
    secret, refusal = attempt(parse_secret, text)

    if refusal is not None:
        assert refusal in {
            "the value holds a blank or a line break; copy the key alone, in one line",
            "the value holds characters that no key has; copy the key again",
        }
    else:
        assert secret == text
        assert secret.encode("latin-1").isascii()


def test_a_schedule_is_split_at_semicolons():
    assert parse_schedule(" 0 3 * * * ;*/30  9-17 * * MON-FRI; ") == ("0 3 * * *", "*/30 9-17 * * MON-FRI")


@pytest.mark.parametrize("text", ["@daily", "0 3 * *", "0 0 3 * * *", "61 * * * *", "0 3 * * FOO", "0 0 30 2 *", "x"])
def test_a_schedule_that_cron_could_not_read_or_that_never_comes_due_is_refused(text):
    with pytest.raises(ValueError, match='for example "0 3'):
        parse_schedule(text)


@given(st.text(alphabet="0123456789*/,-; LW#MONJAN", max_size=25))
def test_a_schedule_is_refused_in_one_line_or_comes_due(text):
    expressions, refusal = attempt(parse_schedule, text)

    if refusal is not None:
        assert "\n" not in refusal
    else:
        assert all(len(expression.split()) == 5 for expression in expressions)


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("UTC", timedelta(0)),
        ("Europe/Berlin", timedelta(hours=1)),
        ("UTC+2", timedelta(hours=2)),
        ("gmt-5", timedelta(hours=-5)),
        ("UTC+5:30", timedelta(hours=5, minutes=30)),
        ("UTC-0330", timedelta(hours=-3, minutes=-30)),
        ("PST", timedelta(hours=-8)),
        ("EST", timedelta(hours=-5)),
    ],
)
def test_a_time_zone_has_its_offset(name, offset):
    assert parse_zone(name) == name
    assert datetime(2026, 1, 15, tzinfo=UTC).astimezone(find_zone(name)).utcoffset() == offset


@pytest.mark.parametrize(
    "name", ["Europe/Nowhere", "Europe", "UTC+25", "../../etc/passwd", "/etc/localtime", "\0", "x" * 300]
)
def test_an_unknown_time_zone_is_refused_with_an_example(name):
    with pytest.raises(ValueError, match=r"for example Europe/Berlin or UTC\+2"):
        parse_zone(name)


def test_log_settings_are_read_in_any_letter_case():
    assert parse_log_level("warn") == "WARNING"
    assert parse_log_format("JSON") == "json"
    with pytest.raises(ValueError, match="use DEBUG, INFO, WARNING or ERROR"):
        parse_log_level("loud")
    with pytest.raises(ValueError, match="use text or json"):
        parse_log_format("xml")


@pytest.mark.parametrize(
    ("text", "value"),
    [('"0.5"', "0.5"), ("'x'", "x"), ('""', ""), ('"', '"'), ('""x""', '"x"'), (" \t", ""), ('a"b', 'a"b')],
)
def test_one_pair_of_quotes_is_dropped(text, value):
    assert drop_quotes(text) == value
