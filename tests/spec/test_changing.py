"""What each change of a study does to its trends: judged by hand, one edit after the other, at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symmetry.spec import Study, load
from symmetry.spec.changing.comparing import as_data, breaks, changes, describe
from symmetry.spec.changing.rules import RULES
from symmetry.spec.changing.walking import differences
from tests.spec.two_versions import FULL, cases, edited, small_bank

CASES = cases()


@pytest.mark.parametrize("made", CASES, ids=lambda made: f"{made['rule']}-{made['how']}-{made['verdict']}")
def test_an_edit_is_judged_as_a_statistician_would(made: dict[str, Any], tmp_path: Path) -> None:
    """One edit, one change: its verdict, its keys, its line and column, and nothing else."""
    folder, place = edited(tmp_path / "new", *((edit["old"], edit["new"]) for edit in made["edits"]))
    old, new = small_bank(), load(folder)
    found = changes(old, new)
    assert [(made["verdict"], made["path"])] == [(each.kind, each.path) for each in found]
    assert [(made["rule"], made["how"])] == [(each.pattern, each.how) for each in differences(old, new)]
    (change,) = found
    if place is not None:
        assert (folder / "study.yaml", *place) == (change.where.file, change.where.line, change.where.column)
    else:
        assert change.where.file == (FULL if made["how"] == "removed" else folder) / "study.yaml"
    assert change.what
    assert change.why


def with_item(study: Study, key: str, **fields: Any) -> Study:
    """A study with some fields of one item changed."""
    return replace(study, items={**study.items, key: replace(study.items[key], **fields)})


def with_wave(study: Study, key: str, **fields: Any) -> Study:
    """A study with some fields of one wave changed."""
    return replace(study, waves={**study.waves, key: replace(study.waves[key], **fields)})


def with_sample(study: Study, wave: str, audience: str, **fields: Any) -> Study:
    """A study with some fields of one sample changed."""
    old = study.waves[wave].sampling
    return with_wave(study, wave, sampling={**old, audience: replace(old[audience], **fields)})


def with_units(study: Study, **fields: Any) -> Study:
    """A study with some fields changed of how its cold wave draws units of employees."""
    units = study.waves["cold-2027"].sampling["employees"].units
    assert units is not None
    return with_sample(study, "cold-2027", "employees", units=replace(units, **fields))


def with_scale(study: Study, key: str, **fields: Any) -> Study:
    """A study with some fields of one scale changed, where it is declared and wherever it is used."""
    new = replace(study.scales[key], **fields)
    items = {
        name: replace(item, scale=new if item.scale and item.scale.key == key else item.scale)
        for name, item in study.items.items()
    }
    return replace(study, scales={**study.scales, key: new}, items=items)


def with_target(study: Study, **fields: Any) -> Study:
    """A study with some fields of the employees' only target changed."""
    (target,) = study.targets["employees"]
    return replace(study, targets={**study.targets, "employees": (replace(target, **fields),)})


def without(study: Study, name: str, key: str) -> Study:
    """A study without one member of a section."""
    return replace(study, **{name: {each: part for each, part in getattr(study, name).items() if each != key}})


NOUNS: dict[tuple[str, str, str], Callable[[Study], Study]] = {
    ("Study.service", "removed", "comparable"): lambda s: replace(s, service=None),
    ("Study.management", "removed", "comparable"): lambda s: replace(s, management=None),
    ("Study.cooperation", "removed", "comparable"): lambda s: replace(s, cooperation=None),
    ("Referential.attitudes.*", "removed", "comparable"): lambda s: replace(
        s, management=replace(s.management, attitudes=dict(list(s.management.attitudes.items())[:2]))
    ),
    ("Study.languages.*", "removed", "breaking"): lambda s: replace(s, languages=("fr",)),
    ("Study.audiences.*", "removed", "breaking"): lambda s: without(s, "audiences", "observers"),
    ("Study.scales.*", "removed", "comparable"): lambda s: without(s, "scales", "share"),
    ("Study.items.*", "removed", "breaking"): lambda s: without(s, "items", "balance"),
    ("Scale.low", "changed", "breaking"): lambda s: with_scale(s, "effort", low=0),
    ("Item.values.*", "removed", "breaking"): lambda s: with_item(
        s, "channel", values={"app": s.items["channel"].values["app"]}
    ),
    ("Item.audiences.*", "added", "comparable"): lambda s: with_item(
        s, "balance", audiences=("customers", "employees")
    ),
    ("Item.audiences.*", "removed", "breaking"): lambda s: with_item(s, "branch", audiences=("customers", "employees")),
    ("Grid.kind", "changed", "breaking"): lambda s: replace(
        s, grids={**s.grids, "walk": replace(s.grids["walk"], kind="skills")}
    ),
    ("Sampling.method", "changed", "comparable"): lambda s: with_sample(s, "cold-2027", "customers", method="pps"),
    ("Sampling.measure", "changed", "comparable"): lambda s: with_sample(
        s, "walks-2027", "observers", measure="visits"
    ),
    ("SampledUnits.of", "changed", "comparable"): lambda s: with_units(s, of="region"),
    ("SampledUnits.method", "changed", "comparable"): lambda s: with_units(s, method="stratified"),
    ("SampledUnits.measure", "changed", "comparable"): lambda s: with_units(s, measure="staff"),
    ("Wave.kind", "changed", "breaking"): lambda s: with_wave(s, "hot", kind="cold"),
    ("Wave.arms", "changed", "breaking"): lambda s: with_wave(s, "hot", arms=((24.0, 0.1), (168.0, 0.1))),
    ("Wave.invite", "removed", "comparable"): lambda s: with_wave(s, "cold-2027", invite=None),
    ("Wave.audiences.*", "removed", "breaking"): lambda s: with_wave(s, "cold-2027", audiences=("customers",)),
    ("Study.targets.*.*", "changed", "breaking"): lambda s: with_target(s, variable="branch"),
    ("Target.shares", "changed", "comparable"): lambda s: with_target(s, shares={"north": 0.5, "south": 0.5}),
    ("Target.source", "changed", "cosmetic"): lambda s: with_target(s, source="a newer register"),
    ("Target.date", "changed", "cosmetic"): lambda s: with_target(s, date="2027-01-01"),
}


@pytest.mark.parametrize("wanted", NOUNS, ids=lambda wanted: "-".join(wanted))
def test_a_changed_noun_is_judged_as_a_statistician_would(wanted: tuple[str, str, str]) -> None:
    """What one edit of a file cannot change alone, or only with another file, changed in the nouns."""
    pattern = wanted[0]
    old = small_bank()
    found = [(each.pattern, each.how, each.kind) for each in differences(old, NOUNS[wanted](old))]
    if pattern == "Study.targets.*.*":
        assert [(pattern, "added", "breaking"), (pattern, "removed", "breaking")] == found
    else:
        assert [wanted] == found


def test_every_rule_is_provoked() -> None:
    """The table above, by hand, leaves out no rule: each has been judged at least once."""
    judged = {made["rule"] for made in CASES} | {pattern for pattern, *_ in NOUNS}
    assert set(RULES) - judged == set()


def test_a_study_is_no_change_of_itself(tmp_path: Path) -> None:
    """Nothing changed, nothing said; comments, blank lines and the order of sections are no change either."""
    folder, _ = edited(
        tmp_path / "new", ("rotation: {seed", "# a word\n\n\nrotation: {seed"), ("\nprivacy:", "\n\nprivacy:")
    )
    file = folder / "study.yaml"
    text = file.read_text("utf-8")
    start, end = text.index("contact:\n"), text.index("owners:\n")
    file.write_text(text[:start] + text[end:] + "\n" + text[start:end], "utf-8")
    assert () == changes(small_bank(), load(folder))
    assert () == changes(small_bank(), small_bank())
    assert "No change: both versions ask, promise and plan the same.\n" == describe(())
    assert not breaks(())


def test_a_new_language_is_one_change(tmp_path: Path) -> None:
    """Texts of a language that only one version has are not told one by one."""
    old = small_bank()
    french = replace(
        old,
        languages=("fr",),
        items={
            key: replace(item, faces={face: {"fr": text["fr"]} for face, text in item.faces.items()})
            for key, item in old.items.items()
        },
    )
    assert [("Study.languages.*", "added", "comparable")] == [
        (d.pattern, d.how, d.kind) for d in differences(french, old)
    ]
    assert [("Study.languages.*", "removed", "breaking")] == [
        (d.pattern, d.how, d.kind) for d in differences(old, french)
    ]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("Est-ce clair ?", "Est-ce clair\u202f?", "cosmetic"),
        ("Est-ce clair ?", "Est-ce clair?", "cosmetic"),
        ("L'accueil", "L’accueil", "cosmetic"),
        ("Un « oui »", 'Un "oui"', "cosmetic"),
        ("Un « oui » net", "Un “oui” net", "cosmetic"),
        ("De 1 - 5…", "De 1 – 5...", "cosmetic"),
        ("Très  bien\nfait", "Très bien fait", "cosmetic"),
        ("e\u0301coute", "écoute", "cosmetic"),
        ("100 % sûr", "100% sûr", "cosmetic"),
        ("co\u00adopération", "coopération", "cosmetic"),
        ("Je suis satisfait.", "Je suis satisfait", "breaking"),
        ("Je suis satisfait.", "Je ne suis pas satisfait.", "breaking"),
        ("I am satsified.", "I am satisfied.", "breaking"),
        ("Is it clear?", "is it clear?", "breaking"),
        ("Is it clear?", "Is it clear!", "breaking"),
        ("anyone", "any one", "breaking"),
        ("e-mail", "email", "breaking"),
        ("10 minutes", "15 minutes", "breaking"),
        ("Êtes-vous prêt", "Etes-vous prêt", "breaking"),
        ("m²", "m2", "breaking"),
    ],
)
def test_only_typography_is_cosmetic(old: str, new: str, kind: str) -> None:
    """Spaces, quotes, dashes and composed accents are how a text is set; letters, case, signs and figures are the text."""
    bank = small_bank()
    before, after = (with_item(bank, "pride", faces={"employee": {"fr": said}}) for said in (old, new))
    assert [("Item.faces.*.*", kind)] == [(each.pattern, each.kind) for each in differences(before, after)]
    assert [("Item.faces.*.*", kind)] == [(each.pattern, each.kind) for each in differences(after, before)]


def test_a_change_of_a_scale_names_the_items_on_it() -> None:
    """A scale that many items stand on breaks many trends; one that none stands on breaks none."""
    old = small_bank()
    (used,) = differences(old, with_scale(old, "csat5", boxes=1))
    (idle,) = differences(old, with_scale(old, "share", boxes=1))
    assert ("breaking", "the favourable share is counted otherwise (it is the scale of satisfied)") == (
        used.kind,
        used.why,
    )
    assert ("cosmetic", "no item stands on this scale") == (idle.kind, idle.why)


def test_an_item_on_a_like_scale_is_the_same_item() -> None:
    """Another name for the same scale changes no answer; another scale does."""
    old = small_bank()
    twin = replace(old.scales["agree5"], key="agree_twin")
    both = replace(old, scales={**old.scales, "agree_twin": twin})
    assert [("Item.scale", "cosmetic")] == [
        (d.pattern, d.kind) for d in differences(both, with_item(both, "pride", scale=twin))
    ]


def test_the_terminal_and_json_say_the_same(tmp_path: Path) -> None:
    """The gravest first, under their reasons, with places; JSON holds each change with the same words."""
    folder, _ = edited(
        tmp_path / "new",
        ("en: I am proud to work here.", "en: I am very proud to work here."),
        ("min_cell: 10", "min_cell: 15"),
        ("en: Listening}", "en: Being heard}"),
        ("close: 48h", "close: 3d"),
    )
    found = changes(small_bank(), load(folder))
    text, data = describe(found), json.loads(json.dumps(as_data(found)))
    assert breaks(found)
    assert ["Breaks a trend (1)", "Leaves trends comparable (2)", "Cosmetic (1)"] == [
        line for line in text.splitlines() if line.endswith(")")
    ]
    assert text.endswith("4 changes: 1 breaking, 2 comparable, 1 cosmetic\n")
    assert {"breaking", "comparable", "cosmetic"} == {each["kind"] for each in data}
    for each in data:
        assert f"{each['file']}:{each['line']}:{each['column']}: {each['path']}: {each['what']}" in text
        assert each["why"] in text
    (wording,) = [each for each in data if each["kind"] == "breaking"]
    assert "the wording in `en`: `I am proud to work here.` → `I am very proud to work here.`" == wording["what"]
    assert "the time to close: `2 d` → `3 d`" in text


def test_a_long_text_is_shown_where_it_differs() -> None:
    """Two long texts are cut around their first difference, so that it can be read."""
    old = small_bank()
    said = "To what extent do you agree that in this branch, whatever the hour and the day, customers are listened to?"
    before = with_item(old, "pride", faces={"employee": {"en": said}})
    after = with_item(old, "pride", faces={"employee": {"en": said.replace("are listened", "feel listened")}})
    (found,) = differences(before, after)
    assert "customers are listened" in found.what
    assert "customers feel listened" in found.what
    assert len(found.what) < 200
