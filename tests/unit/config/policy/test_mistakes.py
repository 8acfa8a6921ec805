"""What a wrong lists.yaml is told: each fault with its line, its column, what is expected and the nearest name."""

import random
import re
from pathlib import Path

import pytest

from list_sync.config.policy.reading import read_policy
from list_sync.errors import ConfigError
from list_sync.model.policy import HouseholdPolicy
from list_sync.providers import available_providers
from tests.unit.config.policy.every_key import EVERY_KEY

# In the file, each mistake is a text, a line with >>>, and the faults that are told; ===== is between two of them.
MISTAKES = (Path(__file__).parent / "mistakes.txt").read_text(encoding="utf-8").split("=====\n")
RARE = [
    "[",
    "]",
    "{",
    "}",
    ": ",
    ",",
    "&a ",
    "*a",
    "!x ",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "#",
    "?",
    "- ",
    "\t",
    "\n",
    "\\",
    "é",
]
SIGNS = str.maketrans({"␉": "\t", "␀": "\0", "␇": "\a", "␟": "\ufeff"})


@pytest.fixture
def faults_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def find(text):
        path = Path("lists.yaml")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ConfigError) as caught:
            read_policy(path, providers=available_providers(), policy=HouseholdPolicy())
        return [problem.removeprefix("lists.yaml:") for problem in caught.value.problems]

    return find


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.partition("\n>>>")[0].split("\n")[-1].strip())
def test_a_mistake_is_told_with_its_place_and_what_to_do(faults_of, mistake):
    text, _, told = mistake.translate(SIGNS).partition("\n>>>\n")

    assert faults_of(text) == told.replace("PROVIDERS", ", ".join(available_providers())).splitlines()


def test_a_text_with_any_sign_at_any_place_is_read_or_told(tmp_path, monkeypatch):
    """Nothing but a ConfigError may come of a text, and every line of it names a place."""
    monkeypatch.chdir(tmp_path)
    path, providers, chance = Path("lists.yaml"), available_providers(), random.Random(1994)
    told = []
    for _ in range(60):
        place = chance.randrange(len(EVERY_KEY))
        text = EVERY_KEY[:place] + chance.choice(RARE) + EVERY_KEY[place + chance.randrange(4) :]
        path.write_bytes(text.encode())
        told += find_problems(path, providers)
    assert [line for line in told if not re.match(r"lists\.yaml:\d+:\d+: .+$", line)] == []
    assert len(told) > 30


def find_problems(path, providers):
    try:
        read_policy(path, providers=providers, policy=HouseholdPolicy())
    except ConfigError as error:
        return error.problems
    return ()


def test_a_key_with_a_line_break_is_told_in_one_line(faults_of):
    assert faults_of(r'"a\nb": 3')[0].startswith("1:1: a b is no key; keys are defaults")
    assert max(map(len, faults_of("x" * 900 + ": 3"))) < 620


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_its_lines(faults_of):
    text = "caps: 3\nbrake: x\nlists: [nowhere:x, {source: 'imdb:top', limit: 0}]\nlist: 3"

    assert [line.partition(": ")[0] for line in faults_of(text)] == ["1:1", "2:8", "3:9", "3:48", "4:1"]


def test_a_text_in_another_encoding_is_told_with_its_place(faults_of):
    assert faults_of(b"lists:\n- caf\xe9") == ["2:6: the text is not in UTF-8; save the file with this encoding"]
    assert faults_of("lists: []".encode("utf-16"))[0].startswith("1:1: the text is not in UTF-8")


def test_a_file_that_is_too_large_is_not_parsed(faults_of):
    assert faults_of("#" * 1_000_001) == [" it is larger than 1 MB; remove what is not needed"]


def test_what_is_no_plain_file_is_not_read(tmp_path):
    (tmp_path / "lists.yaml").mkdir()

    with pytest.raises(ConfigError, match=r"lists\.yaml: it cannot be read \(Is a directory\); make it a plain file"):
        read_policy(tmp_path / "lists.yaml", providers={}, policy=HouseholdPolicy())


def test_a_secret_is_never_repeated(faults_of):
    key = "0123456789abcdef0123456789abcdef"

    told = faults_of(f"api_key: {key}\nlists: [{{source: 'https://x.example/a?apikey={key}', quality: {key}}}]")

    assert len(told) == 3
    assert key not in "\n".join(told)
