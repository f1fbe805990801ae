"""The verbs of researchers: new, check, schema, preview, fmt, translate, diff, seal, export, draft."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli import checking, exporting

if TYPE_CHECKING:
    from symmetry.cli import Verbs

__all__ = ["add"]

STUDY = "a study.yaml, or its folder"
AUDIENCES = ("customers", "employees", "observers")


def add(verbs: Verbs) -> None:
    """Describe the verbs."""
    new = verbs.add_parser("new", help="begin a study: a small one, sound and bilingual, to edit")
    new.add_argument("study", type=Path, help="folder to make, as survey_specs/my_study; its name is the study's key")
    new.set_defaults(run=_new)

    checking.add(verbs)

    schema = verbs.add_parser("schema", help="print the grammar as JSON Schema, or write that of a study beside it")
    schema.add_argument("study", type=Path, nargs="?", help=f"{STUDY}: its ids complete in an editor")
    schema.set_defaults(run=_schema)

    preview = verbs.add_parser("preview", help="write a page that shows every face of every item, side by side")
    preview.add_argument("study", type=Path, help=STUDY)
    preview.add_argument("--lang", help="language of the page's own words (default: the study's first)")
    preview.add_argument("--out", type=Path, help="file to write (default: preview.html beside the study)")
    preview.set_defaults(run=_preview)

    fmt = verbs.add_parser("fmt", help="lay study files out in one way; comments stay")
    fmt.add_argument("paths", type=Path, nargs="+", help=STUDY)
    fmt.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    fmt.set_defaults(run=_fmt)

    translate = verbs.add_parser("translate", help="write or update the texts to translate, as i18n/LANG.po")
    translate.add_argument("study", type=Path, help=STUDY)
    translate.add_argument("--to", required=True, metavar="LANG", help="language to translate to: de, es…")
    translate.set_defaults(run=_translate)

    diff = verbs.add_parser("diff", help="tell what changed between two versions, and what breaks a trend")
    diff.add_argument("old", type=Path, help=f"{STUDY}, or a sealed wave")
    diff.add_argument("new", type=Path, help=f"{STUDY}, or a sealed wave")
    diff.add_argument("--format", choices=("text", "json"), default="text")
    diff.set_defaults(run=_diff)

    seal = verbs.add_parser("seal", help="keep a wave as it goes to the field: its words, scales and thresholds")
    seal.add_argument("study", type=Path, help=STUDY)
    seal.add_argument("wave", help="key of the wave")
    seal.add_argument("--on", required=True, metavar="DAY", help="first day of the field, as 2027-03-01")
    seal.set_defaults(run=_seal)

    exporting.add(verbs)

    draft = verbs.add_parser("draft", help="turn an XLSForm or a Qualtrics .qsf into a first draft of a study")
    draft.add_argument("file", type=Path, help="an .xlsx or a .qsf")
    draft.add_argument("--audience", choices=AUDIENCES, default="customers", help="who answers it")
    draft.add_argument("--out", type=Path, required=True, help="study.yaml to write; an existing one is left alone")
    draft.set_defaults(run=_draft)


def _new(options: argparse.Namespace) -> int:
    from symmetry import spec

    print(spec.new_study(options.study))
    return 0


def _schema(options: argparse.Namespace) -> int:
    from symmetry import spec

    if options.study is None:
        print(spec.schema_text(), end="")
    else:
        print(spec.write_schema(options.study))
    return 0


def _preview(options: argparse.Namespace) -> int:
    from symmetry import spec
    from symmetry.aside import replace_file

    study = spec.load(options.study)
    page = spec.preview(study, spec.check(options.study), lang=options.lang)
    out = options.out or study.path.with_name("preview.html")
    replace_file(out, page)
    print(out)
    return 0


def _fmt(options: argparse.Namespace) -> int:
    from symmetry import spec

    changed = [path for path in options.paths if spec.format_file(path, check=options.check)]
    for path in changed:
        print(path)
    return int(bool(changed and options.check))


def _translate(options: argparse.Namespace) -> int:
    from symmetry import spec

    file = spec.write_catalogue(options.study, options.to)
    for each in spec.translation_status(options.study):
        counts = f"{each.translated} of {each.texts} texts, {each.stale} to look at again, {each.missing} missing"
        print(f"{each.language}: {counts}", file=sys.stderr)
    print(file)
    return 0


def _diff(options: argparse.Namespace) -> int:
    from symmetry import spec

    old, new = (spec.read_version(path) for path in (options.old, options.new))
    found = spec.changes(old, new)
    if options.format == "json":
        import json

        print(json.dumps(spec.changes_as_data(found), ensure_ascii=False, indent=2))
    else:
        print(spec.describe_changes(found), end="")
    return int(spec.breaks(found))


def _seal(options: argparse.Namespace) -> int:
    from symmetry import spec

    print(spec.seal(spec.load(options.study), options.wave, on=options.on))
    return 0


def _draft(options: argparse.Namespace) -> int:
    from symmetry import spec
    from symmetry.aside import replace_file
    from symmetry.errors import Place, SpecError

    if options.out.exists():
        raise SpecError("this file exists, and is left alone", where=Place(options.out), mend="name another `--out`")
    made = spec.draft(options.file, audience=options.audience)
    options.out.absolute().parent.mkdir(parents=True, exist_ok=True)
    replace_file(options.out.absolute(), made.text)
    for gap in made.gaps:
        print(gap, file=sys.stderr)
    print(options.out)
    return 0
