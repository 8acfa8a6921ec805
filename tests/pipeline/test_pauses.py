"""A pause that begins between the decision to sync and its beginning."""

import logging
import threading
from datetime import UTC, datetime, timedelta

from list_sync.daemon.pausing import pause
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.report import SyncMode
from tests.fakes.patience import wait_until


def test_a_sync_that_waits_for_another_process_does_nothing_if_a_pause_begins_meanwhile(open_session, demo, caplog):
    session, reports = open_session(FILE_LISTS="films.txt"), []
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    syncing = threading.Thread(target=lambda: reports.append(session.sync(mode=SyncMode.AUTOMATED)))

    with caplog.at_level(logging.INFO), FileLock(session.folder.path / RUN_LOCK):
        syncing.start()
        wait_until(lambda: "another process syncs" in caplog.text)
        pause(session.folder, until)
    syncing.join()

    assert [report.paused_until for report in reports] == [until]
    assert demo.reads == 0
