"""A page for every code, and in each page an example that really provokes the code and one that really mends it."""

from __future__ import annotations

import copy
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from symmetry.errors import SpecError
from symmetry.spec import check, read_yaml
from symmetry.spec.explaining import codes, explain

ROOT = Path(__file__).parents[2]
FULL = Path(__file__).parent / "full"
RAISED = re.compile(r"[\"']([A-Z]{3,4}[0-9]{2})[\"']")
CODES = codes()
# Raised by other commands than `check`, or by what a fragment of YAML cannot show: a plan, a wave that is sealed, a file.
ELSEWHERE = (
    "COD",
    "EXP",
    "FLD",
    "NEW",
    "PLA",
    "SHO",
    "TRN",
    "XCH",
    "YAML06",
    "YAML07",
    "YAML08",
    "YAML10",
    "RTE09",
    "RTE11",
    "RTE13",
)
BARE = """symmetry: 1
study: bare
title: {fr: Une étude, en: A study}
languages: [fr, en]
audiences: {customers: {fr: Clients, en: Customers}}
scales: {agree5: {type: likert, points: 5}}
items:
  happy:
    role: outcome
    scale: agree5
    label: {fr: Content, en: Happy}
    customer: {fr: Êtes-vous content ?, en: Are you happy?}
    mirror: {employee: loose}
waves: {once: {kind: cold, audiences: [customers], items: all}}
plan: {outcome: happy, drivers: []}
"""


def examples(code: str) -> list[tuple[str, str]]:
    """Language and text of the two examples of a page: the wrong one and the mended one."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", explain(code), re.MULTILINE | re.DOTALL)


def merged(base: Any, part: Any) -> Any:
    """A study with what an example changes in it: mappings are merged, anything else takes the place of what was there."""
    if not isinstance(base, dict) or not isinstance(part, dict):
        return part
    return {**base, **{key: merged(base.get(key), value) for key, value in part.items()}}


@cache
def full_study() -> Any:
    """The data of a study that has every key of the grammar."""
    return read_yaml(FULL / "study.yaml").data


def found(code: str, example: str, folder: Path) -> dict[str, str]:
    """The codes that `check` gives for a study changed as an example shows, each with its severity."""
    folder.mkdir()
    shutil.copytree(FULL / "targets", folder / "targets")
    (folder / "study.yaml").write_text(BARE, encoding="utf-8")
    whole = code not in ("CMP02", "MIR07")
    base = copy.deepcopy(full_study()) if whole else read_yaml(folder / "study.yaml").data
    (folder / "part.yaml").write_text(example, encoding="utf-8")
    part = read_yaml(folder / "part.yaml")
    if part.problems:
        return {problem.code: problem.severity for problem in part.problems}
    base.pop("waive", None)
    if code == "SPEC01":  # what an example writes anew stands in place of what was there
        base["items"]["listened"].pop("scale")
    if code == "REF03":
        base["management"].pop("attitudes")
    text = yaml.dump(merged(base, part.data), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1000)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return {problem.code: problem.severity for problem in check(folder)}


def test_every_code_that_is_raised_has_a_page_and_every_page_a_code() -> None:
    """No code without an explanation, no explanation of a code that is gone."""
    files = [*(ROOT / "symmetry/spec").rglob("*.py"), *(ROOT / "symmetry/analyse").glob("plan*.py")]
    raised = {code for file in files for code in RAISED.findall(file.read_text(encoding="utf-8"))}
    assert raised == set(CODES)


def test_every_page_has_the_same_parts() -> None:
    """Title, kind, meaning, a wrong and a mended example, and for a warning when it may be waived; on one screen."""
    for code in CODES:
        _check_parts(code, explain(code))


def _check_parts(code: str, page: str) -> None:
    """One page holds what a page holds."""
    heads = re.findall(r"^## (.*)$", page, re.MULTILINE)
    kind = re.findall(r"^\*(error|warning)\*$", page, re.MULTILINE)
    assert re.match(rf"# {code} \S.*\n\n\*", page)
    assert ["Wrong", "Mended", *(["When to waive it"] if kind == ["warning"] else [])] == heads
    assert 1 == len(kind)
    assert 2 == len(examples(code))
    assert len(page.splitlines()) <= 35
    assert all(len(line) <= 130 for line in page.splitlines() if not line.startswith(("study: [[", "    ")))


@pytest.mark.parametrize("code", [code for code in CODES if not code.startswith((*ELSEWHERE, "TAR0"))])
def test_examples_are_real(code: str, tmp_path: Path) -> None:
    """Put into a study, the wrong example gives the code, as the error or warning it is called; the mended one does not."""
    (_, wrong), (_, mended) = examples(code)
    kind = found(code, wrong, tmp_path / "wrong").get(code)
    assert f"\n*{kind}*\n" in explain(code)
    assert code not in found(code, mended, tmp_path / "mended")


def test_mended_yaml_is_yaml(tmp_path: Path) -> None:
    """Each mended example that is YAML can be read by the house's own reader, without a problem."""
    for code in CODES:
        language, text = examples(code)[1]
        (tmp_path / f"{code}.yaml").write_text(text if language == "yaml" else "symmetry: 1", encoding="utf-8")
        assert () == read_yaml(tmp_path / f"{code}.yaml").problems


@pytest.mark.parametrize("code", ["TAR02", "TAR03", "TAR04"])
def test_examples_of_targets_are_real(code: str, tmp_path: Path) -> None:
    """A targets file as the wrong example shows it gives the code, the mended one gives nothing."""
    shutil.copytree(FULL, tmp_path / "study")
    for (_, text), expected in zip(examples(code), ({code}, set()), strict=True):
        (tmp_path / "study/targets/customers_region.csv").write_text(text, encoding="utf-8")
        assert expected == {problem.code for problem in check(tmp_path / "study")}


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("MIR2", "did you mean `MIR02`?"),
        ("MRI02", "`MIR02`"),
        ("WRD1O", "did you mean `WRD01`?"),
        ("?", "ALT, CMP, COD"),
    ],
)
def test_an_unknown_code_is_told_its_nearest(word: str, remedy: str) -> None:
    """A slip of the finger leads to the code that was meant; anything else to what codes look like."""
    with pytest.raises(SpecError) as caught:
        explain(word)
    assert "COD01" == caught.value.problems[0].code
    assert remedy in caught.value.problems[0].mend


def test_small_letters_are_fine() -> None:
    """A code is found however it is typed."""
    assert explain("WRD01") == explain(" wrd01\n")
