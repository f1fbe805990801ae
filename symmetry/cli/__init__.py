"""The terminal: verbs, progress on stderr, data on stdout, exit codes.  It computes nothing.

Exit codes: 0 done, 1 the input is at fault (or the disk is full), 2 usage, 3 a fault of ours, 4 a field needs attention,
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import TypeAlias

from symmetry.cli import analysing, authoring, drawing, fielding, importing, planning
from symmetry.errors import SymmetryError

__all__ = ["Verbs", "main"]

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every error becomes a message on stderr that says how to mend it."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # none is ours, and looking for them costs a check 20 ms
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return int(options.run(options))
    except SymmetryError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt as stopped:
        told = str(stopped.args[0]) if stopped.args else "earlier results are as they were"
        print(f"stopped: {told}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        place = error.filename or getattr(options, "out", None) or "the disk"
        print(f"{place}: error {error.strerror or error}", file=sys.stderr)
        print("  mend: name another place, or make room there; earlier results are as they were", file=sys.stderr)
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
        epilog="exit codes: 0 done, 1 the input is at fault, 2 usage, 3 a fault of ours, 4 a field needs attention",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    authoring.add(verbs)
    planning.add(verbs)
    drawing.add(verbs)
    fielding.add(verbs)
    importing.add(verbs)
    analysing.add(verbs)
    return parser


class _Version(argparse.Action):
    """Print the version only when asked: reading it costs a look at the installed packages."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"symmetry {version('symmetry')}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
