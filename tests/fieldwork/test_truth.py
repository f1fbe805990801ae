from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.errors import SpecError
from symmetry.fieldwork import Truth, read_truth
from symmetry.spec import Item, Scale, Study, load
from tests.studies import SHARE, tiny_study, with_item, write_truth

WORDS = {"en": "…"}


def test_a_truth_states_every_face_or_gives_its_default(tmp_path: Path) -> None:
    """A stated level wins; a face without one takes the default of its face and scale; na is for scales that have it."""
    truth = read_truth(write_truth(tmp_path), tiny_study())
    levels = {key: face.level for key, face in truth.faces.items()}
    assert levels["kept", "customer"] == 3.3
    assert levels["kept", "guess"] == 4.0
    assert levels["recommend", "guess"] == 30
    assert truth.faces["kept", "guess"].na == 0.05
    assert truth.faces["recommend", "guess"].na == 0
    assert truth.payroll["south"] == (10, 14, 3)
    assert truth.field["hot", "customers"].moved == {"listened": 0.2}


def test_an_items_own_shift_is_added_to_everybodys(tmp_path: Path) -> None:
    """Shifts of one item come on top of those of all items, variable by variable."""
    own = "item_shifts:\n  customers: {kept: {channel: {app: -0.2, branch: 0.1}}}\nshifts:\n"
    truth = read_truth(write_truth(tmp_path, ("shifts:\n", own)), tiny_study())
    shifts = truth.faces["kept", "customer"].shifts
    assert shifts["region"] == {"north": -0.1}
    assert shifts["channel"]["app"] == pytest.approx(-0.5)
    assert shifts["channel"]["branch"] == pytest.approx(0.1)
    assert truth.faces["listened", "customer"].shifts["channel"] == {"app": -0.3}


def refuse(folder: Path, *changes: tuple[str, str], study: Study | None = None) -> str:
    """Read a truth that must be refused; what the error says, every problem with its line."""
    with pytest.raises(SpecError) as caught:
        read_truth(write_truth(folder, *changes), study or tiny_study())
    assert all(problem.where is not None and problem.where.line for problem in caught.value.problems)
    assert all(problem.mend or problem.code.startswith("SPEC") for problem in caught.value.problems)
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("truth: tiny", "truth: large", "this truth is of study `large`, not of `tiny`"),
        ("unit: branch", "unit: brunch", "there is no frame item `brunch`"),
        ("south: [10, 14, 3]", "sud: [10]", "there is no category of `region` `sud`"),
        ("{north: 0.4, south: 0.6}", "{north: 0.4, south: 0.5}", "the shares sum to 0.9"),
        ("{branch: 0.7, app: 0.3}", "{branch: 1.0}", "`channel` lacks app"),
        ("channel: {branch: 0.7, app: 0.3}", "canal: {a: 1.0}", "there is no item with categories `canal`"),
        ("shares:\n  customers: {channel: {branch: 0.7, app: 0.3}}\n", "shares: {}\n", "the truth says nothing of `channel`"),
        ("{customers: 0.2, employees: 0.3}", "{customers: 0.2}", "`branch` has no loading for employees"),
        ("general: 0.45", "general: 0.99", "leave nothing to the item"),
        ("spread: {likert: 1.0, nps: 2.2}", "spread: {likert: 1.0}", "no spread for nps scales"),
        ("  management: {likert: 3.5}\n", "", "face management of `listened` has neither a level nor a default"),
        ("kept: {customer: 3.3", "keep: {customer: 3.3", "there is no item with a scale `keep`"),
        ("kept: {customer: 3.3", "kept: {customer: 5.3", "must stay between 1 and 5 in every wave"),
        ("moved: {listened: 0.2}", "moved: {listened: 1.2}", "must stay between 1 and 5 in every wave"),
        ("moved: {listened: 0.2}", "moved: {listens: 0.2}", "there is no item `listens`"),
        ("drivers:\n", "na: {recommend: 0.1}\ndrivers:\n", "the scale of `recommend` has no code for na"),
        ("{kept: 0.7, listened: 0.3}", "{kept: 0.7, heard: 0.3}", "there is no driver"),
        ("customers: {recommend: {kept", "customers: {recomend: {kept", "there is no item with a face `customer` `recomend`"),
        ("customers: {region: {north: -0.1}", "customers: {region: {nord: -0.1}", "no category of `region` `nord`"),
        ("channel: {app: 0.5}}}", "channel: {app: 2.6}}}", "rate × factors reaches 1.04"),
        ("  hot:", "  hut:", "there is no wave `hut`"),
        ("  hot:", "  hut:", "wave `hot` asks customers, and the truth does not say how they take part"),
        (", employees: {rate: 0.8}", "", "wave `cold` asks employees"),
        ("together: 0.5", "togethr: 0.5", "together"),
        ("rate: 0.4", "rate: 1.4", "rate"),
    ],
)  # fmt: skip
def test_a_faulty_truth_is_refused_with_its_place(tmp_path: Path, before: str, after: str, words: str) -> None:
    """Every fault has its file, line and column, and says what is wrong."""
    assert words in refuse(tmp_path, (before, after))


def test_faults_are_found_in_one_pass(tmp_path: Path) -> None:
    """Faults of meaning come in one message, whatever part they are in."""
    said = refuse(
        tmp_path, ("unit: branch", "unit: brunch"), ("general: 0.45", "general: 0.99"), ("{kept: 0.7", "{kpt: 0.7")
    )
    for words in ("no frame item `brunch`", "of customers leave nothing", "of employees leave nothing", "no driver"):
        assert words in said


def test_published_figures_are_not_simulated(tmp_path: Path) -> None:
    """A percent scale holds what a publisher computed for whole units; no person answers it."""
    study = with_item(tiny_study(), Item("share", "driver", WORDS, SHARE, {"customer": WORDS}))
    assert "are not simulated" in refuse(tmp_path, study=study)


def test_a_face_of_an_unforeseen_scale_is_a_fault(tmp_path: Path) -> None:
    """An item that the truth does not know, on a scale without default, is never given a silent number."""
    ease = Scale("ease", "ces", 1, 7)
    said = refuse(tmp_path, study=with_item(tiny_study(), Item("ease", "driver", WORDS, ease, {"customer": WORDS})))
    assert "no spread for ces scales" in said
    assert "face customer of `ease` has neither a level nor a default" in said


def test_a_missing_truth_is_named(tmp_path: Path) -> None:
    """A truth that is not there is a fault of the plan, with the path."""
    with pytest.raises(SpecError, match=r"truth\.yaml"):
        read_truth(tmp_path / "truth.yaml", tiny_study())


@pytest.fixture(scope="module")
def bank(root: Path) -> tuple[Study, Truth]:
    """The demonstration study with its truth."""
    study = load(root / "survey_specs" / "everyday_bank")
    return study, read_truth(root / "analyses" / "everyday_bank" / "truth.yaml", study)


def test_the_demonstrations_targets_are_its_truth(bank: tuple[Study, Truth]) -> None:
    """The population shares that weighting aims at are those from which people are drawn."""
    from symmetry.fieldwork.population import group_shares

    study, truth = bank
    for audience, targets in study.targets.items():
        shares = group_shares(truth, audience)
        for target in targets:
            assert dict(target.shares) == pytest.approx(shares[target.variable], abs=1e-12)
    assert set(study.targets) == {"customers", "employees"}


def test_the_demonstration_has_a_unit_of_three(bank: tuple[Study, Truth]) -> None:
    """44 branches, 700 employees, and one branch too small to be shown."""
    sizes = [size for sizes in bank[1].payroll.values() for size in sizes]
    assert (44, 700, 3) == (len(sizes), sum(sizes), min(sizes))
    assert sorted(sizes)[1] >= 10
