"""The verb export: a questionnaire for another tool, or frozen answers for another program; what the path holds decides."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.progress import progress
from symmetry.errors import DataError, Place

if TYPE_CHECKING:
    from symmetry.cli import Verbs

__all__ = ["add"]

_QUESTIONS = ("xlsform", "surveyjs", "limesurvey", "triple-s", "ddi")
_ANSWERS = ("sav", "triple-s", "csv", "parquet")
_FORMATS = tuple(dict.fromkeys((*_QUESTIONS, *_ANSWERS)))


def add(verbs: Verbs) -> None:
    """Describe the verb."""
    export = verbs.add_parser("export", help="write a questionnaire, or frozen answers, in the format of another tool")
    export.add_argument("path", type=Path, help="a study.yaml or its folder; or a folder of frozen answers")
    export.add_argument("--to", required=True, choices=_FORMATS)
    export.add_argument("--out", type=Path, help="of a study the file to write, of answers the folder (default: here)")
    study = export.add_argument_group("of a study")
    study.add_argument("--wave", help="key of the wave (default: the first)")
    study.add_argument("--audience", help="customers, employees or observers (default: the wave's first)")
    answers = export.add_argument_group("of frozen answers")
    answers.add_argument(
        "--study", type=Path, help="the study.yaml they answer, or its folder: its words are the labels"
    )
    answers.add_argument("--lang", metavar="LANG", help="language of the labels (default: the study's first)")
    answers.add_argument(
        "--table", action="append", metavar="WAVE/AUDIENCE", help="these alone, as hot/customers (default: all)"
    )
    answers.add_argument("--labels", action="store_true", help="words instead of codes, in csv")
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    if (options.path / "manifest.json").is_file():
        return _export_answers(options)
    _refuse(options, _QUESTIONS, "a study", {"study", "lang", "table", "labels"}, "frozen answers")
    from symmetry import spec
    from symmetry.aside import replace_file

    made = spec.export(spec.load(options.path), options.to, wave=options.wave, audience=options.audience)
    for loss in made.losses:
        print(f"not carried over: {loss}", file=sys.stderr)
    out = options.out or Path(made.name)
    replace_file(out.absolute(), made.content)
    print(out)
    return 0


def _export_answers(options: argparse.Namespace) -> int:
    _refuse(options, _ANSWERS, "frozen answers", {"wave", "audience"}, "a study")
    if options.study is None:
        what = "these are frozen answers: their labels are the words of their study"
        raise DataError(what, where=Place(options.path), mend="name it: `--study STUDY`", code="XPT04")
    from symmetry import responses, spec

    study = spec.load(options.study)
    out = options.out or Path(f"{study.key}-{options.to}")
    found = responses.read(options.path, study)
    with progress(f"exporting {study.key}", len(options.table or found.answers)) as tell:
        made = responses.export(
            found, study, out, options.to, options.lang, tables=options.table or (), labels=options.labels, tell=tell
        )
    for table, losses in made.losses.items():
        for loss in losses:
            print(f"{table}: not carried over as it is: {loss}", file=sys.stderr)
    print("these are the answers of single people, for nobody but the analyst", file=sys.stderr)
    for file in made.files:
        print(file)
    return 0


def _refuse(options: argparse.Namespace, formats: tuple[str, ...], holds: str, foreign: set[str], others: str) -> None:
    """Refuse a format, or an option, that does not go with what the path holds."""
    if options.to not in formats:
        what = f"holds {holds}, which `{options.to}` has no place for"
        mend = f"name one of: {', '.join(formats)}, or a folder of {others}"
        raise DataError(what, where=Place(options.path), mend=mend, code="XPT02")
    given = sorted(name for name in foreign if getattr(options, name))
    if given:
        what = f"holds {holds}, and `--{given[0]}` is for {others}"
        raise DataError(what, where=Place(options.path), mend=f"leave `--{given[0]}` out", code="XPT03")
