"""The table of the metrics in docs/integrations.md is what a scrape returns."""

import re
from pathlib import Path

from sqlalchemy import insert

from list_sync.database.schema import lists
from list_sync.model.waiting import WaitingCause
from tests.web.test_metrics import a_list_row

PAGE = (Path(__file__).parents[2] / "docs" / "integrations.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"(?<=`)(listsync_\w+)(?:\{([\w,]+)\})?(?=`)")
SERIES = re.compile(r"^(listsync_\w+?)(?:_bucket|_sum|_count)?\{(.+)\} ", re.MULTILINE)


def labels_of(text):
    return {name for name in re.findall(r"(\w+)=", text) if name != "le"}


def test_the_documents_have_every_metric_with_its_labels_and_every_cause(service, store):
    with store.writing() as connection:
        connection.execute(insert(lists), [a_list_row(1)])
    answer = service.get("/metrics", token="").text
    shown = dict(SHOWN.findall(PAGE[PAGE.index("| metric |") :]))

    assert set(shown) == set(re.findall(r"# TYPE (listsync_\w+)", answer))
    for name, text in SERIES.findall(answer):
        assert labels_of(text) == {label for label in shown[name].split(",") if label}, name
    assert [cause for cause in WaitingCause if f"`{cause}`" not in PAGE] == []
