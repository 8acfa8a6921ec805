"""A bill of materials that does not agree with the lock of its image is refused."""

import pytest

from tests.architecture.licences_table import LOCKED, LOCKS, ROOT, find_locked
from tests.architecture.materials import find_differences


def bill_of(image):
    text = (ROOT / "requirements" / LOCKS[image]).read_text(encoding="utf-8")
    found = [one for one in LOCKED.finditer(text) if one[1].lower() in find_locked(image)]
    versions = {one[1]: one["version"] for one in found if "python_full_version >= '3.12'" not in (one["marker"] or "")}
    licences = [{"license": {"id": "MIT"}}]
    return {"components": [{"name": name, "version": versions[name], "licenses": licences} for name in versions]}


@pytest.mark.parametrize("image", LOCKS)
def test_a_bill_with_exactly_what_the_lock_names_is_accepted(image):
    assert find_differences(image, bill_of(image)) == []


def test_what_a_bill_lacks_or_has_beside_the_lock_is_named():
    bill = bill_of("slim")
    components = [one for one in bill["components"] if one["name"] != "certifi"]
    components[0] = {**components[0], "version": "0.0.1"}
    components[1] = {**components[1], "licenses": []}
    components.append({"name": "Left_Pad", "version": "1.0", "licenses": [{}]})

    assert find_differences("slim", {"components": components}) == [
        "certifi is missing",
        "left-pad is not in the lock",
        f"{components[0]['name']} 0.0.1 is not the locked version",
        f"{components[1]['name']} has no licence",
    ]
