"""The number of this installation at a broker."""

from list_sync.database.store import Store
from list_sync.storage.device import find_device_number


def test_the_number_of_an_installation_is_made_once_and_differs_from_all_others(tmp_path):
    numbers = []
    for name in ("a.db", "a.db", "b.db"):
        with Store(tmp_path / name) as store:
            store.open()
            numbers.append(find_device_number(store))

    assert numbers[0] == numbers[1] != numbers[2]
