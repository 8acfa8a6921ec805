"""The documentation site has every page, and its generator reads the pages as the repository shows them."""

import re

import pytest
import yaml

from tests.architecture.test_docs import CODE_BLOCK, PAGES, ROOT

CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
# Python-Markdown wants four blanks before what belongs to an entry of a list.
SHALLOW = re.compile(r"^ {1,3}(?:```|[*-] |\d+\. ).*", re.MULTILINE)


def names_in(nav):
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            yield from names_in(value) if isinstance(value, list) else [value]


def test_every_page_is_in_the_navigation_once():
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").glob("*.md")}
    names = list(names_in(CONFIG["nav"]))

    assert pages - set(names) == set()
    assert len(names) == len(set(names))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_has_one_title_and_lists_that_the_generator_reads(page):
    prose = CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))

    assert len(re.findall(r"^# .", prose, re.MULTILINE)) == 1
    assert SHALLOW.findall(prose) == []
    assert re.findall(r"^(?![-*| >#]|\d+\. ).+\n[*-] ", prose, re.MULTILINE) == []
