"""What the release of every minute deletes beside what it releases: drafts of waves that are over, and keys kept in a log.

Truth: the calendar of the wave, and the bytes of the files.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create, links_key
from symmetry.fieldwork.store.releasing import release
from symmetry.fieldwork.store.tables import DRAFTS, HOLDING, KEYS
from tests.fieldwork.store.employees import LAST, night, staff_of
from tests.fieldwork.store.waves import OPENED, Field, sample_of, study_with

SITES = {"seven": 7}


@pytest.mark.parametrize("promise", ["confidential", "anonymous"])
def test_drafts_go_when_the_last_day_of_their_wave_is_over(store: Store, tmp_path: Path, promise: str) -> None:
    """Until midnight in the wave's time zone people can go on; the first release after it leaves no draft, and no box goes."""
    staff = staff_of(store, tmp_path, SITES, promise=promise)
    last = (LAST - OPENED).days
    staff.begin(*staff.of("seven"), day=last)
    staff.finish(*staff.of("seven")[:2], day=last)
    release(store, now=night(last) - timedelta(hours=2))
    assert len(staff.field.rows(DRAFTS)) == 5
    release(store, now=night(last))
    assert (staff.field.rows(DRAFTS), len(staff.field.rows(HOLDING))) == ([], 2)
    release(store, now=night(last) + timedelta(minutes=1))


def test_drafts_of_a_rehearsal_stay(new_store: Callable[[], Store], tmp_path: Path) -> None:
    """A rehearsed wave takes its day as today, whenever it is: its last day is never over."""
    store, study = new_store(), study_with(tmp_path)
    keeping.open_wave(
        store, study, "cold", [sample_of("customers"), sample_of("employees")], on=OPENED, rehearse_on=OPENED
    )
    field = Field(store, study, links_key(store.folder))
    field.post("e-000", recommend="3")
    release(store, now=datetime(2028, 1, 1, tzinfo=UTC))
    assert len(field.rows(DRAFTS)) == 1


def test_a_key_that_a_reader_kept_in_the_log_goes_when_he_is_gone(tmp_path: Path) -> None:
    """The next release, though no wave has its turn, leaves nothing of the destroyed key in the files of the sealed store."""
    staff = staff_of(create(tmp_path / "store"), tmp_path, SITES)
    persons = staff.of("seven")[:3]
    staff.begin(*persons)
    staff.finish(*persons)
    key = staff.field.rows(KEYS)[0]["private"]

    def files() -> bytes:
        return b"".join(path.read_bytes() for path in staff.store.folder.glob("sealed.sqlite*"))

    with staff.store.sealed.connect() as reader:
        assert reader.execute(KEYS.select()).one().private == key
        release(staff.store, now=night(0))
        assert key in files()
    assert release(staff.store, now=night(0) + timedelta(minutes=1)) == {}
    assert key not in files()
    close(staff.store)
