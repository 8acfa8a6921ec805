"""The sources that do not work, with what pages say of them."""

from list_sync.correcting.source_faults import ToldFault, describe_fault
from list_sync.storage.lists import find_lists
from list_sync.storage.releases import find_releases
from list_sync.storage.source_faults import find_source_faults
from list_sync.web.parts import Parts


def find_told_faults(parts: Parts) -> tuple[ToldFault, ...]:
    """Return the faults of sources, each in words; raise StorageError."""
    process = parts.present.process
    with parts.store.reading() as connection:
        records = find_lists(connection, parts.store.household)
        # Mostly nothing is wrong, so that none is needed.
        releases = find_releases(connection) if find_source_faults(records) else ()
    return tuple(
        ToldFault(fault, describe_fault(fault, zone=process.zone, is_checking=process.update_check))
        for fault in find_source_faults(records, releases)
    )
