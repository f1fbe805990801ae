"""What a wave is not opened with, and what opening finds in a store that was left in the middle of something."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from symmetry import spec
from symmetry.errors import DataError
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import links, open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.rosters import roster_of
from symmetry.fieldwork.store.tables import INVITATIONS, WAVES
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.spec import Study
from tests.fieldwork.store.waves import OPENED, Field, field_on, sample_of, study_with

LATER = date(2027, 6, 1)


def states(store: Store, **values: str) -> None:
    """Put every wave of a store in another state."""
    with to_write(store.field) as connection:
        connection.execute(update(WAVES).values(**values))


def following() -> list[Sample]:
    """The sample of another wave."""
    return [sample_of("customers", wave="next")]


def employees_at(sites: list[str]) -> list[Sample]:
    """Twelve customers, and employees at these sites."""
    units = sample_of("employees", len(sites)).units.assign(site=sites)
    return [sample_of("customers"), Sample("small", "cold", "employees", units, {})]


@pytest.mark.parametrize("promise", ["anonymous", "confidential"])
def test_a_quota_by_what_is_not_kept_of_employees_is_refused(store: Store, tmp_path: Path, promise: str) -> None:
    """Of four at a site, and with them of the other site's, nothing is known, so all share one cell; with five each it holds."""
    study = study_with(tmp_path, employees="{size: census, quotas: [3 per site, 9 per wave]}", promise=promise)
    with pytest.raises(DataError, match=r"OPN23 quota `3 per site.*`: `site` is too fine for 12 employees") as caught:
        open_wave(store, study, "cold", employees_at(["north"] * 8 + ["south"] * 4), on=OPENED)
    assert [each.code for each in caught.value.problems] == ["OPN23"]
    assert not (study.path.parent / "fielded").exists()
    opened = open_wave(store, study, "cold", employees_at(["north"] * 8 + ["south"] * 5), on=OPENED)
    assert opened.invited == {"customers": 12, "employees": 13}


def test_quotas_of_customers_are_by_whatever_is_known(store: Store, tmp_path: Path) -> None:
    """Nothing is taken from what is known of customers, so a single one at a site has a cell."""
    study = study_with(tmp_path, customers="{size: census, quotas: [3 per site]}")
    alone = sample_of("customers").units.assign(site=["north"] * 11 + ["south"])
    samples = [Sample("small", "cold", "customers", alone, {}), sample_of("employees")]
    assert open_wave(store, study, "cold", samples, on=OPENED).invited["customers"] == 12


def test_nobody_is_asked_for_published_figures(store: Store, tmp_path: Path) -> None:
    """A share that somebody published of a school is no question to a person; it is named, and nothing is sealed."""
    path = study_with(tmp_path).path
    share = "  shared: {type: percent}\nitems:\n"
    item = "  spread:\n    role: outcome\n    scale: shared\n    label: {fr: Part, en: Share}\n    mirror: none\n"
    item += "    customer: {fr: Quelle est la part ?, en: What is the share?}\n  site:\n"
    text = path.read_text("utf-8").replace("items:\n  recommend", share + "  recommend").replace("  site:\n", item, 1)
    path.write_text(text, encoding="utf-8")
    study = spec.load(path)
    with pytest.raises(DataError, match=r"OPN22 `spread`.*\n.*wave `cold`"):
        open_wave(store, study, "cold", [sample_of("customers"), sample_of("employees")], on=OPENED)
    assert not (study.path.parent / "fielded").exists()


@pytest.mark.parametrize(
    ("first", "then", "said"), [(None, LATER, "in earnest"), (OPENED, None, "a rehearsal")], ids=["earnest", "tried"]
)
def test_a_store_is_for_rehearsals_or_for_waves_in_earnest(
    store: Store, tmp_path: Path, first: date | None, then: date | None, said: str
) -> None:
    """Whichever comes first, the other kind takes a folder of its own; a second of the same kind is welcome."""
    study = study_with(tmp_path)
    open_wave(store, study, "cold", [sample_of("customers"), sample_of("employees")], on=OPENED, rehearse_on=first)
    with pytest.raises(DataError, match=f"OPN24 wave `cold` of this store is {said}"):
        open_wave(store, study, "next", following(), on=LATER, rehearse_on=then)
    same = LATER if first else None
    assert open_wave(store, study, "next", following(), on=LATER, rehearse_on=same).invited == {"customers": 12}


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave, open for twelve customers and twelve employees."""
    return field_on(store, study_with(tmp_path))


def test_no_new_key_is_drawn_while_links_of_an_old_one_are_out(field: Field) -> None:
    """Without links.key neither links nor another wave are made as long as a wave is open; then a new key is drawn."""
    path = field.store.folder / "links.key"
    path.unlink()
    with pytest.raises(DataError, match="OPN09 the key of the links is missing"):
        open_wave(field.store, field.study, "next", following(), on=LATER)
    with pytest.raises(DataError, match="OPN09 the key of the links is missing"):
        links(field.store, "cold", "customers")
    assert not path.exists()
    states(field.store, state="closed")
    assert open_wave(field.store, field.study, "next", following(), on=LATER).added == ("customers",)
    assert len(links(field.store, "next", "customers")) == 12


def test_a_key_that_goes_under_an_opening_is_drawn_anew(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last open wave is closed while another one is being opened: its links lead to the key that is there."""

    def closing(*given: Any) -> Any:
        made = roster_of(*given)
        monkeypatch.undo()
        states(field.store, state="closing")
        (field.store.folder / "links.key").unlink()
        return made

    monkeypatch.setattr(keeping, "roster_of", closing)
    open_wave(field.store, field.study, "next", following(), on=LATER)
    tokens = {link.rsplit("/", 1)[1] for _, link in links(field.store, "next", "customers")}
    held = {row["token"] for row in field.rows(INVITATIONS) if row["wave"] == "next"}
    assert {hash_of(token) for token in tokens} == held
    assert links_key(field.store.folder) != field.key


def test_a_wave_that_is_being_closed_takes_no_answer_and_is_told_of(field: Field) -> None:
    """Nobody answers it, nobody opens it again, and who opens another one hears that its close was cut off."""
    states(field.store, state="closing", closed="2027-03-22")
    assert (field.post("c-000", recommend="9").kind, field.standing("e-000").kind) == ("closed", "closed")
    with pytest.raises(DataError, match="OPN06"):
        open_wave(field.store, field.study, "cold", [sample_of("customers"), sample_of("employees")], on=OPENED)
    with pytest.raises(DataError, match="OPN06"):
        links(field.store, "cold", "customers")
    assert open_wave(field.store, field.study, "next", following(), on=LATER).closing == ("cold",)


def test_who_opens_alone_hears_of_no_close(store: Store, study: Study) -> None:
    """Where nothing was cut off, nothing is told."""
    assert open_wave(store, study, "next", following(), on=LATER).closing == ()


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """The study."""
    return study_with(tmp_path)
