"""The verbs of analysts: rehearse, freeze, analyse, report."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.needing import need_web
from symmetry.cli.progress import progress
from symmetry.errors import DataError, Place, ReportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symmetry.analyse import Plan
    from symmetry.cli import Verbs
    from symmetry.fieldwork import Intake
    from symmetry.responses import Responses
    from symmetry.spec import Study

__all__ = ["add"]


def add(verbs: Verbs) -> None:
    """Describe the verbs."""
    rehearse = verbs.add_parser("rehearse", help="simulate a plan's answers and compare what is found with the truth")
    rehearse.add_argument("plan", type=Path, help="a plan.yaml whose data are simulated, or its folder")
    rehearse.add_argument("--seed", type=int, help="of the first rehearsal (default: the plan's)")
    rehearse.add_argument("--times", type=_positive, default=1, help="how many rehearsals (default 1)")
    rehearse.set_defaults(run=_rehearse)

    freeze = verbs.add_parser("freeze", help="freeze answers, imported or of closed waves: Parquet, hash, manifest")
    freeze.add_argument("answers", type=Path, help="folder that `import` wrote, or the store of the field")
    freeze.add_argument("--study", type=Path, required=True, help="the study.yaml they answer, or its folder")
    freeze.add_argument(
        "--wave", action="append", metavar="KEY", help="of a store: this closed wave alone (default: all of them)"
    )
    freeze.add_argument("--out", type=Path, help="folder to write (default: responses/ beside the answers)")
    freeze.set_defaults(run=_freeze)

    analyse = verbs.add_parser("analyse", help="run a plan and write its tables, notebook and report")
    analyse.add_argument("plan", type=Path, help="a plan.yaml, or its folder")
    analyse.add_argument("--responses", type=Path, help="answers frozen earlier, instead of the plan's data")
    analyse.add_argument("--out", type=Path, help="folder to write (default: results/ beside the plan)")
    analyse.add_argument("--lang", choices=("fr", "en"), help="language of the report (default: the plan's)")
    analyse.add_argument(
        "--release", metavar="NAME", help="these tables go out under this name: write them into the ledger"
    )
    analyse.add_argument("--ledger", type=Path, help="what went out before (default: ledger.jsonl beside the plan)")
    analyse.set_defaults(run=_analyse)

    report = verbs.add_parser("report", help="render the report of some results again, computing nothing")
    report.add_argument("results", type=Path, help="a results folder")
    report.add_argument("--lang", choices=("fr", "en"), help="language of the report (default: the plan's)")
    report.set_defaults(run=_report)


def _positive(text: str) -> int:
    """Read a count of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _rehearse(options: argparse.Namespace) -> int:
    from symmetry.analyse import load_plan, rehearse

    plan = load_plan(options.plan)
    seed = options.seed if options.seed is not None else plan.seed or 0
    with progress("rehearsing", options.times) as tell:
        found = rehearse(plan, seed=seed, times=options.times, tell=tell)
    print(f"simulated answers, seed {seed}, {options.times} rehearsal{'s' if options.times > 1 else ''}")
    for table in (found.pairs, found.rates):
        print(table.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep=""))
        print()
    return 0


def _freeze(options: argparse.Namespace) -> int:
    from symmetry import responses, spec
    from symmetry.analyse import read_answers

    study = spec.load(options.study)
    out = options.out or options.answers.absolute().parent / "responses"
    if (options.answers / "store.json").is_file():
        intakes = _collected(options.answers, study, options.wave)
    elif options.wave:
        what, mend = "these are imported answers, not a store of the field", "leave --wave out: all of them are frozen"
        raise DataError(what, where=Place(options.answers), mend=mend, code="COL07")
    else:
        intakes = read_answers(options.answers, study)
    found = responses.freeze(intakes, study, out)
    for table, content in sorted(found.hashes.items()):
        print(f"{table}: {content}", file=sys.stderr)
    print(out)
    return 0


def _collected(folder: Path, study: Study, waves: Sequence[str] | None) -> list[Intake]:
    """The answers of closed waves of a field."""
    need_web()
    from symmetry.fieldwork import close_store, closed_waves, collect, open_store

    store = open_store(folder)
    try:
        chosen = dict.fromkeys(waves or closed_waves(store, study))
        some = [(wave, audience) for wave in chosen for audience in _asked(study, wave)]
        return [collect(store, study, wave, audience) for wave, audience in some]
    finally:
        close_store(store)


def _asked(study: Study, wave: str) -> tuple[str, ...]:
    """The audiences of a wave; of one that the study does not have, any, since `collect` says what is wrong with it."""
    return study.waves[wave].audiences if wave in study.waves else ("customers",)


def _analyse(options: argparse.Namespace) -> int:
    from symmetry import report
    from symmetry.analyse import collect, frozen, load_plan, run, steps, write
    from symmetry.aside import replacing
    from symmetry.disclosure import HELD_BACK, Ledger

    plan = load_plan(options.plan)
    out = options.out or plan.path.parent / "results"
    name = "ledger.jsonl" if plan.truth is None else "ledger.simulated.jsonl"
    book = options.ledger or plan.path.parent / name
    ledger = Ledger.read(book)
    if options.release is not None:
        ledger.check_name(options.release, plan.study.key)
    with ExitStack() as stack:
        staging = stack.enter_context(replacing(out, holds="results"))
        tell = stack.enter_context(progress(f"analysing {plan.key}", steps(plan) + 2))
        tell("taking in the answers")
        given = options.responses or plan.frozen
        if given:
            answers = frozen(plan, given)
            _check_release(options.release, plan, answers)
        else:
            beside = out.absolute().parent / ("responses" if options.out is None else f"{out.name}.responses")
            answers = collect(plan, stack.enter_context(replacing(beside, holds="responses", mode=0o700)))
        results = run(plan, answers, ledger=ledger, tell=tell)
        write(results, staging)
        tell("writing the report")
        try:
            page = report.render(staging, lang=options.lang or plan.language)
        except ReportError:
            _keep_failed(staging, out)
            raise
        if options.release:  # before the results are in place: what could go out is remembered
            levels = results.tables["levels"]
            ledger.add(levels, study=plan.study.key, release=options.release, data=answers.contents).write(book)
    if not given:
        print(f"the answers themselves, for nobody but the analyst: {beside}", file=sys.stderr)
    for remark in results.remarks:
        print(f"for the analyst alone: {remark}", file=sys.stderr)
    back = sum(int(table["note"].str.contains(HELD_BACK, regex=False).sum()) for table in results.tables.values())
    if back:
        print(f"{back} rows are held back: with an earlier release they would tell of a few people", file=sys.stderr)
    if options.release:
        print(f"written into the ledger as {options.release}: {book}", file=sys.stderr)
    if results.facts["simulated"]:
        print("these answers are simulated or rehearsed: a demonstration, not a finding", file=sys.stderr)
    print(out / page.name)
    return 0


def _check_release(release: str | None, plan: Plan, answers: Responses) -> None:
    """Nothing of a rehearsal goes out under a name, where real releases are remembered."""
    if release is not None and plan.truth is None and answers.simulated:
        what = "these answers are a rehearsal: they are not released"
        raise DataError(what, mend="leave `--release` out", code="OUT02")


def _keep_failed(staging: Path, out: Path) -> None:
    """Keep the half-made notebook of a failed report beside the results, which stay as they were."""
    import shutil

    for notebook in staging.glob("*.failed.ipynb"):
        kept = out.absolute().parent / notebook.name
        shutil.copyfile(notebook, kept)
        print(f"the half-made notebook is kept: {kept}", file=sys.stderr)


def _report(options: argparse.Namespace) -> int:
    from symmetry import report

    with progress("rendering", 1) as tell:
        tell("writing the report")
        page = report.render(options.results, lang=options.lang)
    print(page)
    return 0
