"""The README and the docs keep their word.

CI runs both README commands whole, exactly as printed, in a fresh clone (`.ci/run`); inside pytest nothing is installed
again: the part of the first command that analyses is run here, in a copy, with the interpreter of the tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def command(name: str) -> str:
    """The command printed under `<!-- command: NAME -->`."""
    (found,) = re.findall(rf"<!-- command: {name} -->\n```sh\n(.+?)\n```", README, re.DOTALL)
    return str(found)


def blocks(page: Path, language: str) -> list[str]:
    """Every fenced block of a language on a page."""
    return re.findall(rf"^```{language}\n(.+?)\n```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def name_of(page: Path) -> str:
    """Name of a page from the top of the repository."""
    return str(page.relative_to(ROOT))


def run_here(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a printed command in a folder, with the interpreter of the tests in the place of `.venv`."""
    words = [sys.executable if word == ".venv/bin/python" else word for word in line.split()]
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=300, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the studies and analyses, with the shared data beside it where there are any."""
    top = tmp_path_factory.mktemp("readme")
    for name in ("survey_specs", "analyses"):
        shutil.copytree(ROOT / name, top / "main" / name, ignore=shutil.ignore_patterns("results", "responses"))
    (top / "main" / "tests" / "golden").mkdir(parents=True)
    (top / "main" / "tests" / "golden" / "data").symlink_to(
        ROOT / "tests" / "golden" / "data", target_is_directory=True
    )
    if (ROOT.parent / "shared").is_dir():
        (top / "shared").symlink_to(ROOT.parent / "shared", target_is_directory=True)
    return top / "main"


@pytest.fixture(scope="module")
def demonstration(copy: Path) -> subprocess.CompletedProcess[str]:
    """The analysis of the README's first command, run once in the copy."""
    return run_here(command("demo").split("&&")[-1], copy)


@pytest.mark.parametrize("name", ["demo", "test"])
def test_each_command_is_one_line_a_newcomer_can_paste(name: str) -> None:
    """Both commands make the environment, install the pinned versions, then do one thing."""
    steps = [step.strip() for step in command(name).split("&&")]
    assert len(command(name).splitlines()) == 1
    assert steps[0] == "python3 -m venv .venv"
    assert steps[1].startswith(".venv/bin/pip install -c constraints.txt -e ")
    assert len(steps) == 3


def test_ci_runs_the_commands_as_printed() -> None:
    """`.ci/run` takes both commands from the README itself and repeats neither."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "run_as_printed demo" in script
    assert "run_as_printed test" in script
    assert [name for name in ("demo", "test") if command(name) in script] == []


def test_the_first_command_makes_the_report(demonstration: subprocess.CompletedProcess[str], copy: Path) -> None:
    """It ends well, prints where the report is, and the report says that its answers are simulated."""
    report = copy / "analyses" / "everyday_bank" / "results" / "report.html"
    assert demonstration.returncode == 0, demonstration.stderr
    assert "report.html" in demonstration.stdout
    assert "simul" in report.read_text(encoding="utf-8").lower()


def test_results_are_the_files_the_readme_lists(demonstration: subprocess.CompletedProcess[str], copy: Path) -> None:
    """Every file that the README promises in `results/` is there."""
    folder = copy / "analyses" / "everyday_bank" / "results"
    tables = re.findall(r"`(\w+)`", README.split("manifest.json")[0].split("| `report.html` |")[1].split("(`.csv`")[0])
    assert len(tables) == 14
    promised = [f"{name}.{kind}" for name in tables for kind in ("csv", "parquet")]
    promised += ["report.html", "report.ipynb", "manifest.json"]
    assert demonstration.returncode == 0, demonstration.stderr
    assert [name for name in promised if not (folder / name).is_file()] == []


@pytest.mark.parametrize("line", "\n".join(blocks(ROOT / "README.md", "sh")[2:]).splitlines())
def test_the_real_surveys_run_as_printed(line: str, copy: Path, shared_data: Path) -> None:
    """The README's other commands end well on the real data."""
    done = run_here(line, copy)
    assert done.returncode == 0, done.stderr
    assert "report.html" in done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name_of)
def test_python_in_the_docs_runs(page: Path, demonstration: subprocess.CompletedProcess[str], copy: Path) -> None:
    """Python blocks of README and docs run, top to bottom, where the demonstration has just been analysed."""
    assert demonstration.returncode == 0, demonstration.stderr
    code = "\n".join(blocks(page, "python"))
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of README and docs leads to a file that exists."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", prose)]
    ours = [target for target in targets if target and "://" not in target]
    assert [target for target in ours if not (page.parent / target).exists()] == []
