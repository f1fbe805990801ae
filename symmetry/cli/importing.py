"""The verb of those who receive answers: import, of a plan's files or of a file of another tool."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.errors import DataError, Place

if TYPE_CHECKING:
    from symmetry.cli import Verbs
    from symmetry.fieldwork import Intake
    from symmetry.spec import Study

__all__ = ["add"]

_VENDORS = ("limesurvey", "qualtrics", "google", "spss", "plain")


def add(verbs: Verbs) -> None:
    """Describe the verb."""
    take = verbs.add_parser(
        "import", help="check answers, of a plan or of another tool, and write them in the study's columns"
    )
    take.add_argument(
        "file", type=Path, metavar="PLAN|FILE", help="a plan.yaml or its folder; or a file of answers, with --study"
    )
    take.add_argument("--out", type=Path, help="folder to write (default: answers/ beside what is read)")
    file = take.add_argument_group("a file of another tool", "CSV, TSV, XLSX or SAV, as the tool exports it")
    file.add_argument("--study", type=Path, help="the study.yaml they answer, or its folder")
    file.add_argument("--wave", help="key of the wave")
    file.add_argument("--audience", help="who answered: customers, employees or observers")
    file.add_argument("--vendor", choices=_VENDORS, help="the tool (default: the one whose marks the file bears)")
    file.add_argument(
        "--mapping", type=Path, metavar="FILE", help="YAML: what feeds which column, and how values are read"
    )
    file.add_argument("--encoding", help="of a text file (default: its mark's, or utf-8), for example cp1252")
    file.add_argument("--sheet", metavar="NAME", help="of a workbook with several sheets")
    file.add_argument(
        "--allow-missing", nargs="+", default=[], metavar="NAME", help="columns of the study that the file may lack"
    )
    file.add_argument(
        "--replace", action="store_true", help="replace what another file gave of the same wave and audience"
    )
    file.add_argument("--write-mapping", type=Path, metavar="FILE", help="write the mapping that was used, to edit")
    take.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    if options.study is None:
        _refuse_lone(options)
        return _of_plan(options)
    for name in ("wave", "audience"):
        if getattr(options, name) is None:
            raise DataError(
                f"--study is given, and no --{name}", mend=f"say whose answers these are: `--{name}`", code="VEN11"
            )
    return _of_tool(options)


def _refuse_lone(options: argparse.Namespace) -> None:
    """Refuse a file of answers without a study, and options that a plan has no use for."""
    plan = options.file.is_dir() or options.file.suffix.lower() in (".yaml", ".yml")
    names = ("wave", "audience", "vendor", "mapping", "encoding", "sheet", "allow_missing", "replace", "write_mapping")
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(options, name)]
    if given or not plan:
        what = f"{', '.join(given)} without --study" if given else "this is no plan"
        mend = "for a file of answers, name its --study, --wave and --audience; a plan takes none of them"
        raise DataError(what, where=Place(options.file), mend=mend, code="VEN11")


def _of_plan(options: argparse.Namespace) -> int:
    from symmetry.analyse import load_plan, take_in, take_in_counts, write_answers

    plan = load_plan(options.file)
    out = options.out or plan.path.parent / "answers"
    intakes = take_in(plan)
    take_in_counts(plan, {(intake.wave, intake.audience): intake.answers for intake in intakes})  # to say what is wrong
    write_answers(intakes, plan.study, out)
    for intake in intakes:
        print(
            f"{intake.wave}/{intake.audience}: {len(intake.answers)} respondents from {intake.source}", file=sys.stderr
        )
    print(out)
    return 0


def _of_tool(options: argparse.Namespace) -> int:
    from symmetry import spec
    from symmetry.analyse import write_answers
    from symmetry.aside import replace_file
    from symmetry.fieldwork import aside_csv, mapping_text, read_vendor, report_lines

    study, out = spec.load(options.study), options.out or options.file.parent / "answers"
    intake, report = read_vendor(
        options.file,
        study,
        options.wave,
        options.audience,
        vendor=options.vendor,
        mapping=options.mapping,
        encoding=options.encoding,
        sheet=options.sheet,
        allow_missing=options.allow_missing,
    )
    others = _there(out, study, intake, replace_it=options.replace)
    if options.write_mapping is not None:  # first: where it cannot be written, the answers are as they were
        replace_file(options.write_mapping, mapping_text(report))
    write_answers([*others, intake], study, out)
    aside = out.absolute().parent / f"{out.name}.{intake.wave}.{intake.audience}.aside.csv"
    replace_file(aside, aside_csv(report), mode=0o600)
    for line in report_lines(report):
        print(line, file=sys.stderr)
    for other in others:
        print(f"kept beside it: {other.wave}/{other.audience}", file=sys.stderr)
    print(f"rows set aside, with their reasons: {aside}", file=sys.stderr)
    print(out)
    return 0


def _there(out: Path, study: Study, intake: Intake, *, replace_it: bool) -> list[Intake]:
    """Answers of other waves and audiences that an earlier import wrote into the same folder.

    Raises
    ------
    DataError : it holds answers of this wave and audience from another file, which are not to be replaced (VEN16).
    """
    from dataclasses import replace

    from symmetry.analyse import read_answers

    if not (out / "manifest.json").is_file():
        return []
    there = [replace(each, source=each.source.rpartition("; ")[0]) for each in read_answers(out, study)]
    for each in there:
        same = (each.wave, each.audience) == (intake.wave, intake.audience)
        if same and not replace_it and _sha256(each) != _sha256(intake):
            what = f"holds {len(each.answers)} answers of {each.audience} in wave `{each.wave}` already, from {each.source}"
            mend = "put both files into one, or name another --out; to give those up: `--replace`"
            raise DataError(what, where=Place(out), mend=mend, code="VEN16")
    return [each for each in there if (each.wave, each.audience) != (intake.wave, intake.audience)]


def _sha256(intake: Intake) -> str:
    """The fingerprint of the file that answers are from, whatever it is called today."""
    return intake.source.rpartition("sha256 ")[2]
