"""Every parser over real answers of its source, held to their counts and first items; see real_samples.py."""

import importlib
from pathlib import Path

import pytest

from list_sync.errors import ListSyncError
from tests.providers.real_samples import RealSample

FOLDER = Path(__file__).parents[3] / "shared" / "samples"
SAMPLES: tuple[RealSample, ...] = tuple(
    sample
    for path in sorted(Path(__file__).parent.glob("samples_*.py"))
    for sample in importlib.import_module(f"tests.providers.{path.stem}").SAMPLES
)


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.path) for sample in SAMPLES])
def test_a_real_answer_is_read_as_it_should_be(sample: RealSample):
    path = FOLDER / sample.path
    if not path.exists():
        pytest.skip("the real answers of the sources are not beside the repository")
    try:
        read = sample.parse(path.read_bytes())
    except ListSyncError as error:
        read = error

    if sample.error is not None:
        assert type(read) is sample.error
        assert sample.words in str(read)
        return
    assert isinstance(read, list | tuple), read
    assert len(read) == sample.count
    found = [
        (item.title, item.year, _id_like(item, due)) for item, (_, _, due) in zip(read, sample.first, strict=False)
    ]
    assert found == list(sample.first)


def _id_like(item, due):
    if isinstance(due, int):
        return item.ids.tmdb
    return item.ids.imdb if due is not None else None
