"""`symmetry fmt`: the same data by two readers, every comment with what it speaks of, one layout that stays."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec import models, models_running, read_yaml
from symmetry.spec.editing import formatting
from symmetry.spec.editing.formatting import WIDTH, format_file, format_study
from symmetry.spec.editing.ordering import ORDERS
from symmetry.spec.editing.starting import new_study

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FULL = HERE / "full" / "study.yaml"
SHIPPED = [FULL, *sorted((ROOT / "survey_specs").glob("*/study.yaml"))]
BROKEN = [file for file in sorted((HERE / "faults").glob("*.yaml")) if read_yaml(file).problems]


def data_of(text: str, folder: Path) -> Any:
    """What our reader makes of a text."""
    file = folder / "read.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    document = read_yaml(file)
    assert () == document.problems
    return document.data


def data_by_ruamel(text: str) -> Any:
    """What another library makes of a text, by the rules of YAML 1.2."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(io.StringIO(text))


CASES = {
    "keys stand in order": (
        "items:\n  pride:\n    label: {en: Pride, fr: Fierté}\n    scale: agree5\n    role: engagement\nsymmetry: 1\n",
        "symmetry: 1\n\nitems:\n  pride:\n    role: engagement\n    scale: agree5\n    label: {fr: Fierté, en: Pride}\n",
    ),
    "the source language comes first": (
        "languages: [en, fr]\nsource: {fr: Oui, en: Yes}\n",
        "languages: [en, fr]\nsource: {en: Yes, fr: Oui}\n",
    ),
    "a short text stands on one line": ("title:\n  fr: Une\n  en: A\n", "title: {fr: Une, en: A}\n"),
    "a long text stands on two": (
        f"title: {{fr: {'Un ' * 20}an, en: {'A ' * 20}an}}\n",
        f"title:\n  fr: {'Un ' * 20}an\n  en: {'A ' * 20}an\n",
    ),
    "items keep their order, an unknown key its place": (
        "items:\n  z: {scael: a, role: driver}\n  a: {role: frame, note: x, label: b}\n",
        "items:\n  z: {scael: a, role: driver}\n  a: {role: frame, note: x, label: b}\n",
    ),
    "quotes go where none are needed": (
        "title: {fr: 'Un proche ?', en: \"A friend?\"}\nsource: 'no comma'\n",
        "title: {fr: Un proche ?, en: A friend?}\nsource: no comma\n",
    ),
    "quotes come where a comma, a colon or a # would cut": (
        "title:\n  fr: Oui, mais\n  en: 'Yes: but'\nsource: 'n° #4'\n",
        'title: {fr: "Oui, mais", en: "Yes: but"}\nsource: "n° #4"\n',
    ),
    "what others take for no text keeps its quotes": (
        "study: 'no'\nsource: ['1:30', \"2027-01-01\", '12', '~', 'true', '', ' x', no, 1:30]\n",
        'study: "no"\nsource: ["1:30", "2027-01-01", "12", "~", "true", "", " x", no, 1:30]\n',
    ),
    "lists stand two deep": (
        "plan:\n  segments:\n  - region\n  dissonance:\n  -   b: guess\n      a: customer\n",
        "plan:\n  segments:\n    - region\n  dissonance:\n    - a: customer\n      b: guess\n",
    ),
    "a comment goes with its key": (
        "items:\n  pride:\n    # the scale\n    scale: agree5   # five\n    # the role\n    role: engagement\n",
        "items:\n  pride:\n    # the role\n    role: engagement\n    # the scale\n    scale: agree5   # five\n",
    ),
    "a comment at the foot stays at the foot": (
        "items:\n  a: 1\n  # b: 2 is left out\nscales:\n    a: 1\n# the end\n",
        "scales:\n  a: 1\n\nitems:\n  a: 1\n  # b: 2 is left out\n# the end\n",
    ),
    "a comment inside braces opens them": (
        "contact: {tz: UTC, # ours\n  max_per_year: 4}\n",
        "contact:\n  max_per_year: 4\n  tz: UTC          # ours\n",
    ),
    "the head of the file stays at its head": (
        "# $schema\n# what this is\n\n# the key\nstudy: a\nsymmetry: 1\n",
        "# $schema\n# what this is\n\nsymmetry: 1\n# the key\nstudy: a\n",
    ),
    "empty lines between items stay, one at a time": (
        "items:\n\n  a: 1\n\n\n\n  b: 2\n  c: 3\n\n",
        "items:\n  a: 1\n\n  b: 2\n  c: 3\n",
    ),
    "sections stand apart": ("items:\n  a: 1\nwaves:\n  b: 1\n", "items:\n  a: 1\n\nwaves:\n  b: 1\n"),
    "what braces cut gets quotes": (
        "a: {b: ':1', c: '1:?', d: '?', e: '-', f: ' x', g: 'a]b'}\n",
        'a: {b: ":1", c: "1:?", d: "?", e: "-", f: " x", g: "a]b"}\n',
    ),
    "a narrow space is no empty line": ('a: ["\u202f\\n", b]\n', "a:\n  - |\n    \u202f\n  - b\n"),
    "a poem keeps its lines": (
        "source: |  # by heart\n    one\n      two\n\n    three\nstudy: a\n",
        "study: a\nsource: |  # by heart\n  one\n    two\n\n  three\n",
    ),
    "a folded text is folded again": (
        f"source: >-\n    {'word ' * 10}word\n    {'word ' * 14}word\n",
        f"source: >-\n  {'word ' * 20}word\n  word word word word word\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_study_is_laid_out(case: str, tmp_path: Path) -> None:
    """Each rule of the layout on a few lines; two readers find the same data, and a second time nothing changes."""
    before, after = CASES[case]
    assert after == format_study(before)
    assert after == format_study(after)
    assert data_of(before, tmp_path) == data_of(after, tmp_path)
    assert data_by_ruamel(before) == data_by_ruamel(after)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_a_real_study_says_the_same_after(file: Path) -> None:
    """ruamel.yaml reads the same data before and after, no line is too long that could be shorter, and it is at rest."""
    before = file.read_text(encoding="utf-8")
    after = format_study(before)
    assert data_by_ruamel(before) == data_by_ruamel(after)
    assert after == format_study(after)
    long = [line for line in after.splitlines() if len(line) > WIDTH and "#" not in line]
    assert [] == [line for line in long if re.search(r": [\[{]", line)]


def test_our_own_studies_are_laid_out(tmp_path: Path) -> None:
    """The study with every key, and the first study of an author, are as `fmt` would have them."""
    assert not format_file(FULL, check=True)
    assert not format_file(new_study(tmp_path / "study"), check=True)


def test_the_order_names_every_key() -> None:
    """Each order holds the keys of its models, all of them and no other."""
    homes: dict[str, tuple[type, ...]] = {
        "": (models.StudyModel,),
        "service": (models.ServiceModel,),
        "management": (models.MirroredReferentialModel,),
        "cooperation": (models.MirroredReferentialModel,),
        "management.moments.*": (models.MomentModel,),
        "cooperation.moments.*": (models.MomentModel,),
        "journeys.*": (models.JourneyModel,),
        "journeys.*.moments.*": (models.MomentModel,),
        "scales.*": (models.ScaleModel,),
        "items.*": (models.RatedModel, models.VerbatimModel, models.ObservationModel, models.FrameModel),
        "grids.*": (models.GridModel,),
        "rotation": (models_running.RotationModel,),
        "waves.*": (models_running.WaveModel,),
        "waves.*.invite": (models_running.InviteModel,),
        "waves.*.sample.*": (models_running.SampleModel,),
        "waves.*.sample.*.units": (models_running.SampledUnitsModel,),
        "contact": (models_running.ContactModel,),
        "owners.*": (models_running.OwnerModel,),
        "privacy": (models_running.PrivacyModel,),
        "weights.*": (models_running.WeightingModel,),
        "plan": (models_running.PlanModel,),
        "plan.dissonance.*": (models_running.ComparisonModel,),
        "plan.expect": (models_running.ExpectModel,),
        "plan.expect.hot.*": (models_running.ExpectedHotModel,),
        "plan.expect.units": (models_running.ExpectedUnitsModel,),
        "plan.expect.customers": (models_running.ExpectedModel,),
        "plan.expect.employees": (models_running.ExpectedModel,),
        "plan.alerts.*": (models_running.AlertModel,),
    }
    assert set(ORDERS) - set(homes) == {"scales.*.missing", "items.*.scales", "items.*.mirror"}
    for pattern, held in homes.items():
        assert sorted({key for model in held for key in model.model_fields}) == sorted(ORDERS[pattern]), pattern


@pytest.mark.parametrize("make", ["crlf", "bom", "no end", "both"])
def test_how_a_system_ends_its_lines_does_not_matter(make: str, tmp_path: Path) -> None:
    """Windows line ends, a byte order mark and a missing last line end give the same bytes: UTF-8 with one line end."""
    text = FULL.read_text(encoding="utf-8")
    raw = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "no end": text.rstrip("\n").encode(),
        "both": b"\xef\xbb\xbf" + text.replace("\n", "\r\n").rstrip().encode(),
    }[make]
    file = tmp_path / "study.yaml"
    file.write_bytes(raw)
    assert format_file(file, check=True)
    assert raw == file.read_bytes()
    assert format_file(file)
    assert text.encode() == file.read_bytes()
    assert not format_file(tmp_path)


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_file_with_a_fault_is_left_alone(file: Path, tmp_path: Path) -> None:
    """What is no YAML, or cut by a comma or a #, is reported where it is, and not a byte is touched."""
    copy = tmp_path / "study.yaml"
    shutil.copyfile(file, copy)
    with pytest.raises(SpecError) as error:
        format_file(copy)
    assert read_yaml(copy).problems == error.value.problems
    assert file.read_bytes() == copy.read_bytes()
    assert [copy] == list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["a word # and a comment\n", "- a\n- b\n", "{}  # nothing\n"])
def test_what_is_no_study_is_refused(text: str) -> None:
    """A text, a list and an empty mapping are no study."""
    with pytest.raises(SpecError, match="a study is a mapping"):
        format_study(text)


def test_a_layout_that_would_lose_something_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the layout to change the data or to drop a comment, the file would stay as it is."""
    file = tmp_path / "study.yaml"
    file.write_text("title: 'a: b'   # mine\n", encoding="utf-8")
    before = file.read_bytes()
    for name, broken in (("written", lambda node, **_: node.text[:1]), ("_with", lambda line, _: line)):
        with monkeypatch.context() as patch:
            patch.setattr(formatting, name, broken)
            with pytest.raises(AssertionError, match="would change what the file says"):
                format_file(file)
        assert before == file.read_bytes()
    assert format_file(file)
    assert b'title: "a: b"   # mine\n' == file.read_bytes()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A study reached by a link is laid out where it is."""
    file, link = tmp_path / "real.yaml", tmp_path / "study.yaml"
    file.write_text("study:   a\n", encoding="utf-8")
    link.symlink_to(file)
    assert format_file(link)
    assert link.is_symlink()
    assert "study: a\n" == file.read_text(encoding="utf-8")
