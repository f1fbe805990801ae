"""The terminal: verbs, progress on stderr, data on stdout, exit codes.  It computes nothing.

Exit codes: 0 done, 1 the input is at fault (or the disk is full), 2 usage, 3 a fault of ours, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from symmetry.errors import ReportError, SymmetryError

__all__ = ["main"]

Tell = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every error becomes a message on stderr that says how to mend it."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return int(options.run(options))
    except SymmetryError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: earlier results are as they were", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        place = error.filename or getattr(options, "out", None) or "the disk"
        print(f"{place}: error {error.strerror or error}", file=sys.stderr)
        print("  mend: make room there or name another place; earlier results are as they were", file=sys.stderr)
        return 1
    except Exception:
        import traceback

        traceback.print_exc()
        print("this is a fault of symmetry, not of your input; please report it with the lines above", file=sys.stderr)
        return 3


def _parser() -> argparse.ArgumentParser:
    """Describe the verbs."""
    parser = argparse.ArgumentParser(
        prog="symmetry",
        description="Ask customers and employees the same questions, and see where their answers part ways.",
        epilog="exit codes: 0 done, 1 the input is at fault, 2 usage, 3 a fault of ours",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    check = verbs.add_parser("check", help="find everything that is wrong with a study or a plan")
    check.add_argument("path", type=Path, help="a study.yaml or plan.yaml, or its folder")
    check.set_defaults(run=_check)

    rehearse = verbs.add_parser("rehearse", help="simulate a plan's answers and compare what is found with the truth")
    rehearse.add_argument("plan", type=Path, help="a plan.yaml whose data are simulated, or its folder")
    rehearse.add_argument("--seed", type=int, help="of the first rehearsal (default: the plan's)")
    rehearse.add_argument("--times", type=_positive, default=1, help="how many rehearsals (default 1)")
    rehearse.set_defaults(run=_rehearse)

    take = verbs.add_parser("import", help="check the answers of a plan's files and write them in the study's columns")
    take.add_argument("plan", type=Path, help="a plan.yaml, or its folder")
    take.add_argument("--out", type=Path, help="folder to write (default: answers/ beside the plan)")
    take.set_defaults(run=_import)

    freeze = verbs.add_parser("freeze", help="freeze imported answers: Parquet, content hash, manifest")
    freeze.add_argument("answers", type=Path, help="folder that `import` wrote")
    freeze.add_argument("--study", type=Path, required=True, help="the study.yaml they answer, or its folder")
    freeze.add_argument("--out", type=Path, help="folder to write (default: responses/ beside the answers)")
    freeze.set_defaults(run=_freeze)

    analyse = verbs.add_parser("analyse", help="run a plan and write its tables, notebook and report")
    analyse.add_argument("plan", type=Path, help="a plan.yaml, or its folder")
    analyse.add_argument("--responses", type=Path, help="answers frozen earlier, instead of the plan's data")
    analyse.add_argument("--out", type=Path, help="folder to write (default: results/ beside the plan)")
    analyse.add_argument("--lang", choices=("fr", "en"), help="language of the report (default: the plan's)")
    analyse.set_defaults(run=_analyse)

    report = verbs.add_parser("report", help="render the report of some results again, computing nothing")
    report.add_argument("results", type=Path, help="a results folder")
    report.add_argument("--lang", choices=("fr", "en"), help="language of the report (default: the plan's)")
    report.set_defaults(run=_report)
    return parser


class _Version(argparse.Action):
    """Print the version only when asked: reading it costs a look at the installed packages."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"symmetry {version('symmetry')}")
        parser.exit()


def _positive(text: str) -> int:
    """Read a count of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _check(options: argparse.Namespace) -> int:
    from symmetry import spec

    path: Path = options.path
    if _is_plan(path):
        from symmetry.analyse import load_plan

        plan = load_plan(path)
        for departure in plan.departures:
            print(f"{plan.path}: not pre-registered: {departure[plan.language]}", file=sys.stderr)
        print(f"{plan.path}: no error")
        return 0
    problems = spec.check(path)
    for problem in problems:
        print(problem, file=sys.stderr)
    errors = sum(problem.severity == "error" for problem in problems)
    print(f"{path}: {errors or 'no'} error{'s' if errors > 1 else ''}, {len(problems) - errors or 'no'} warnings")
    return 1 if errors else 0


def _is_plan(path: Path) -> bool:
    """Tell a plan from a study: a folder by its file, a file by its `data:`."""
    from symmetry import spec

    if path.is_dir() or not path.exists():
        return (path / "plan.yaml").exists() or path.name == "plan.yaml"
    data = spec.read_yaml(path).data
    return isinstance(data, dict) and "data" in data


def _rehearse(options: argparse.Namespace) -> int:
    from symmetry.analyse import load_plan, rehearse

    plan = load_plan(options.plan)
    seed = options.seed if options.seed is not None else plan.seed or 0
    with _progress("rehearsing", options.times) as tell:
        found = rehearse(plan, seed=seed, times=options.times, tell=tell)
    print(f"simulated answers, seed {seed}, {options.times} rehearsal{'s' if options.times > 1 else ''}")
    print(found.to_string(index=False, float_format=lambda value: f"{value:.3f}"))
    return 0


def _import(options: argparse.Namespace) -> int:
    from symmetry.analyse import load_plan, take_in, write_answers

    plan = load_plan(options.plan)
    out = options.out or plan.path.parent / "answers"
    intakes = take_in(plan)
    write_answers(intakes, plan.study, out)
    for intake in intakes:
        print(
            f"{intake.wave}/{intake.audience}: {len(intake.answers)} respondents from {intake.source}", file=sys.stderr
        )
    print(out)
    return 0


def _freeze(options: argparse.Namespace) -> int:
    from symmetry import responses, spec
    from symmetry.analyse import read_answers

    study = spec.load(options.study)
    out = options.out or options.answers.absolute().parent / "responses"
    found = responses.freeze(read_answers(options.answers, study), study, out)
    for table, content in sorted(found.hashes.items()):
        print(f"{table}: {content}", file=sys.stderr)
    print(out)
    return 0


def _analyse(options: argparse.Namespace) -> int:
    from symmetry import report
    from symmetry.analyse import collect, frozen, load_plan, run, steps, write
    from symmetry.aside import replacing

    plan = load_plan(options.plan)
    out = options.out or plan.path.parent / "results"
    with ExitStack() as stack:
        staging = stack.enter_context(replacing(out, holds="results"))
        tell = stack.enter_context(_progress(f"analysing {plan.key}", steps(plan) + 2))
        tell("taking in the answers")
        if options.responses:
            answers = frozen(plan, options.responses)
        else:
            beside = out.absolute().parent / ("responses" if options.out is None else f"{out.name}.responses")
            answers = collect(plan, stack.enter_context(replacing(beside, holds="responses", mode=0o700)))
        write(run(plan, answers, tell=tell), staging)
        tell("writing the report")
        try:
            page = report.render(staging, lang=options.lang or plan.language)
        except ReportError:
            _keep_failed(staging, out)
            raise
    if not options.responses:
        print(f"the answers themselves, for nobody but the analyst: {beside}", file=sys.stderr)
    if plan.truth is not None:
        print("these answers are simulated: a demonstration, not a finding", file=sys.stderr)
    print(out / page.name)
    return 0


def _keep_failed(staging: Path, out: Path) -> None:
    """Keep the half-made notebook of a failed report beside the results, which stay as they were."""
    import shutil

    for notebook in staging.glob("*.failed.ipynb"):
        kept = out.absolute().parent / notebook.name
        shutil.copyfile(notebook, kept)
        print(f"the half-made notebook is kept: {kept}", file=sys.stderr)


def _report(options: argparse.Namespace) -> int:
    from symmetry import report

    with _progress("rendering", 1) as tell:
        tell("writing the report")
        page = report.render(options.results, lang=options.lang)
    print(page)
    return 0


@contextmanager
def _progress(what: str, steps: int) -> Iterator[Tell]:
    """Show a progress bar on stderr where a person is looking; say nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=steps)
        started = [False]

        def tell(step: str) -> None:
            bar.update(task, description=step, advance=1 if started[0] else 0)
            started[0] = True

        yield tell


if __name__ == "__main__":
    sys.exit(main())
