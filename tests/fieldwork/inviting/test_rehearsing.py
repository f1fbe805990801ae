"""A rehearsal goes on after its waves are closed, since what they keep, they keep for a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from symmetry import spec
from symmetry.errors import DataError
from symmetry.fieldwork.contacts.retaining import retain
from symmetry.fieldwork.inviting.rehearsing import moment_in, move
from symmetry.fieldwork.store.keeping import close_wave, open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.timing import now_of, stamp
from tests.fieldwork.contacts.past import address
from tests.fieldwork.inviting.happenings import DAY, everything, open_hot, study_of

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def test_the_days_after_the_last_close_can_be_rehearsed(store: Store, tmp_path: Path) -> None:
    """By the clock of the study; what nobody needs any more goes when its time is over, and the days never go back."""
    study = study_of(tmp_path)
    path = study.path
    path.write_text(path.read_text("utf-8").replace("privacy: {", "privacy: {keep_identity: 30d, "), "utf-8")
    study = spec.load(path.parent)
    open_wave(store, study, "hot", [], on=date(2027, 3, 4), rehearse_on=date(2027, 3, 4))
    address(store, "zoe")
    close_wave(store, "hot", now=now_of(store))
    for day, gone in (("2027-04-02", {}), ("2027-04-03", {"addresses": 1})):
        at = moment_in(store, day)
        move(store, at)
        assert (stamp(now_of(store)), retain(store, at)) == (f"{day}T10:00:00Z", gone)
    with pytest.raises(DataError, match="INV02"):
        move(store, moment_in(store, "2027-04-02"))


def test_nor_can_a_day_be_chosen_after_a_close_in_earnest(store: Store, tmp_path: Path) -> None:
    """Now is still now."""
    open_hot(store, study_of(tmp_path))
    close_wave(store, "hot", now=DAY)
    with pytest.raises(DataError, match="INV01"):
        move(store, moment_in(store, "2027-04-02"))


def test_a_rehearsal_that_has_moved_on_is_opened_again(store: Store, tmp_path: Path) -> None:
    """With the day on which it began, on whatever day that is done; a day before that is another rehearsal."""
    study, now = study_of(tmp_path), datetime(2026, 11, 23, tzinfo=UTC)
    day = date(2027, 3, 4)
    open_wave(store, study, "hot", [], on=day, rehearse_on=day, now=now)
    move(store, moment_in(store, "2027-03-09"))
    before = everything(store)
    for on in (day, date(2026, 11, 24)):
        open_wave(store, study, "hot", [], on=on, rehearse_on=day, now=now)
    assert everything(store) == before
    with pytest.raises(DataError, match="OPN07"):
        open_wave(store, study, "hot", [], on=day, rehearse_on=date(2027, 3, 3), now=now)


def test_before_any_wave_no_moment_is_known(store: Store) -> None:
    """There is no clock to read it by."""
    with pytest.raises(DataError, match="INV04"):
        moment_in(store, "2027-03-04")
