"""The verb of those who decide on a sample: plan."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symmetry.cli import Verbs

__all__ = ["add"]

_HERE = "instead of the study's `plan: expect:`; what nobody says is assumed, and the assumptions are printed"


def add(verbs: Verbs) -> None:
    """Describe the verb."""
    plan = verbs.add_parser(
        "plan", help="before launch: which verdicts the answers expected can reach, and at what cost"
    )
    plan.add_argument("study", type=Path, help="a study.yaml, or its folder")
    facts = plan.add_argument_group("what is expected", _HERE)
    for name, meaning in _COUNTS.items():
        facts.add_argument(f"--{name}", type=_count, metavar="N", help=meaning)
    for name, meaning in _NUMBERS.items():
        facts.add_argument(f"--{name}", type=float, metavar="X", help=meaning)
    facts.add_argument(
        "--finite", action="store_true", default=None, help="verdicts are on these people and units alone"
    )
    plan.add_argument("--gaps", type=_gaps, metavar="LIST", help="true gaps, in margins (default 0,1,1.5,2)")
    plan.add_argument("--chance", type=float, default=0.8, metavar="X", help="chance that is enough (default 0.8)")
    plan.add_argument(
        "--format", choices=("text", "csv", "json"), help="what is printed (default: text, the page's path with --out)"
    )
    plan.add_argument("--lang", choices=("fr", "en"), help="language of words (default: the study's first)")
    plan.add_argument("--out", type=Path, help="folder to write, with outlook.csv and the page outlook.html")
    plan.set_defaults(run=_plan)


_COUNTS = {
    "customers": "customers' answers",
    "employees": "employees' answers",
    "units": "units that answers come from",
    "all-customers": "how many customers there are",
    "all-employees": "how many employees there are",
    "all-units": "how many units there are",
}
_NUMBERS = {
    "sd": "standard deviation of an answer, in points",
    "share": "favourable share, 0 to 1",
    "sd-nps": "standard deviation of an NPS answer",
    "icc": "likeness of answers inside a unit, 0 to 1",
    "deff": "design effect of unequal weights",
    "together": "likeness of both audiences over units, -1 to 1",
    "cost-customer": "cost of a customer's answer",
    "cost-employee": "cost of an employee's answer",
    "cost-unit": "cost of a unit, beside its answers",
}


def _count(text: str) -> int:
    """Read a number of people or units."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _gaps(text: str) -> tuple[float, ...]:
    """Read a list of true gaps, in times the margin."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers, as 0,1,1.5,2") from None
    if not all(0 <= each <= 100 for each in found):
        raise argparse.ArgumentTypeError("each from 0 to 100, in times the margin")
    return tuple(sorted({0.0, *found}))


def _plan(options: argparse.Namespace) -> int:
    from symmetry import spec
    from symmetry.analyse import planner, planner_telling

    study = spec.load(options.study)
    names = [name.replace("-", "_") for name in (*_COUNTS, *_NUMBERS, "finite")]
    changed = {name: getattr(options, name) for name in names}
    found = planner.outlook(study, gaps=options.gaps or planner.GAPS, chance=options.chance, changed=changed)
    language = options.lang or (study.languages[0] if study.languages[0] in ("fr", "en") else "en")
    page = _write(found, options.out, language) if options.out is not None else None
    if options.format == "csv":
        print(found.table.round(planner.DIGITS).to_csv(index=False, lineterminator="\n"), end="")
    elif options.format == "json":
        print(json.dumps(_data(found, language), ensure_ascii=False, indent=1))
    elif options.format == "text" or page is None:
        print(planner_telling.tell(found, language=language), end="")
    if page is not None:
        print(page, file=sys.stderr if options.format else sys.stdout)
    return 0


def _data(found: Any, language: str) -> dict[str, Any]:
    from symmetry.analyse import planner, planner_saying, planner_writing

    tables = {"outlook": found.table, "needs": found.needs}
    if found.loads:
        tables["loads"] = planner_writing.loads_of(found)
    rows = {
        name: json.loads(table.to_json(orient="records", double_precision=planner.DIGITS))
        for name, table in tables.items()
    }
    assumed = [{"name": each.name, "audience": each.audience, "value": each.value} for each in found.facts.assumed]
    return {
        "study": found.study,
        "assumed": assumed,
        **rows,
        "sentences": planner_saying.sentences(found, planner_saying.voice_of(found, language)),
    }


def _write(found: Any, out: Path, language: str) -> Path:
    """Write the tables and the page into a folder, whole or not at all."""
    from symmetry.analyse import planner_writing
    from symmetry.aside import replacing
    from symmetry.report import outlook_page

    with replacing(out, holds="outlook") as staging:
        drawn = planner_writing.write_outlook(found, staging)
        (staging / "outlook.html").write_text(
            outlook_page.outlook_page(found, drawn, language=language), encoding="utf-8"
        )
    return out / "outlook.html"
