"""The house keeps its own rules: room order, doors, names, sizes, and nothing of one machine in it."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ROOMS = sorted(door.parent.name for door in (ROOT / "symmetry").glob("*/__init__.py"))
MODULES = sorted((ROOT / "symmetry").rglob("*.py"))
TESTS = sorted(HERE.rglob("test_*.py"))
HEAVY = {"IPython", "nbconvert", "numpy", "pandas", "pyarrow", "scipy", "statsmodels"}


def name_of(path: Path) -> str:
    """Name of a file from the top of the repository."""
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    """The room a module lives in."""
    return path.relative_to(ROOT / "symmetry").parts[0].removesuffix(".py")


def tree(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def public(path: Path) -> list[str] | None:
    """The `__all__` of a module as written, or None."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def in_house_order(name: str) -> tuple[int, str]:
    """CONSTANTS, then Nouns, then verbs, each by the alphabet (ruff's RUF022)."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def texts() -> Iterator[Path]:
    """Every text file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for line in listed.stdout.splitlines():
        path = ROOT / line
        if path.is_file() and path.suffix not in {".png", ".parquet", ".gz"}:
            yield path


def test_rooms_import_only_to_their_left() -> None:
    """The import contracts hold: no room imports one to its right, no statistics room a questionnaire."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    # in a process of its own: the linter takes hold of logging, and silences every logger there is
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rooms_are_entered_by_the_door() -> None:
    """A module imports another room as `symmetry.room`, never one of that room's files."""
    beyond = [
        f"{name_of(path)}: {node.module}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("symmetry.")
        if node.module.count(".") > 1 and node.module.split(".")[1] != room_of(path)
    ]
    assert beyond == []


def test_public_names_are_listed_in_order() -> None:
    """Every module says in a sorted `__all__` what it offers."""
    lists = {name_of(path): public(path) for path in MODULES if path.name != "__main__.py"}
    assert [name for name, names in lists.items() if names is None] == []
    assert [name for name, names in lists.items() if names != sorted(names or [], key=in_house_order)] == []


def test_public_names_are_explained() -> None:
    """Every verb and noun of a door has a docstring of its own."""
    doors = [importlib.import_module(f"symmetry.{room}") for room in ROOMS]
    things = [(f"{door.__name__}.{name}", getattr(door, name)) for door in doors for name in door.__all__]
    callables = [(name, thing) for name, thing in things if inspect.isclass(thing) or inspect.isfunction(thing)]
    assert [name for name, thing in callables if not (thing.__doc__ or "").strip()] == []


def test_reference_pages_are_up_to_date() -> None:
    """Every public name of every door has its entry in docs/reference/, as `just reference` writes it."""
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "make_reference.py", "--check"], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stdout + made.stderr


def test_the_shop_window_shows_what_is_there() -> None:
    """Every name of `symmetry.__all__` can be fetched, and one that is not there is an AttributeError."""
    import symmetry

    assert [name for name in symmetry.__all__ if getattr(symmetry, name) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = symmetry.nonsense


@pytest.mark.parametrize("module", ["symmetry", "symmetry.cli", "symmetry.spec", "symmetry.errors"])
def test_a_quick_command_imports_nothing_heavy(module: str) -> None:
    """`--help` and `check` start at once: the libraries of the statistics wing are imported by those who need them."""
    code = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_file_is_one_topic() -> None:
    """No file is longer than 400 lines (most should stay below 300)."""
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in [*MODULES, *TESTS]}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_a_module_says_why_it_exists() -> None:
    """Every module opens with a docstring."""
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


def test_a_test_says_what_it_holds() -> None:
    """Every test has a docstring: a sentence about behaviour."""
    silent = [
        f"{name_of(path)}: {node.name}"
        for path in TESTS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_test_file_says_its_truth() -> None:
    """tests/README.md has a line for each test file: the independent truth it checks."""
    lines = (HERE / "README.md").read_text("utf-8")
    assert [name_of(path) for path in TESTS if str(path.relative_to(HERE)) not in lines] == []


def test_nothing_is_left_open_or_silenced() -> None:
    """The package holds no unfinished code and silences no checker."""
    words = re.compile(r"NotImplementedError|TODO|FIXME|XXX|pragma: no cover|noqa|type: ignore")
    assert {name_of(path): found for path in MODULES if (found := words.findall(path.read_text("utf-8")))} == {}


def test_notebooks_are_templates() -> None:
    """A notebook in `notebooks/` has no outputs and no execution counts: any Jupyter opens it clean."""
    templates = sorted((ROOT / "notebooks").glob("*.ipynb"))
    cells = [(name_of(path), cell) for path in templates for cell in json.loads(path.read_text("utf-8"))["cells"]]
    code = [(name, cell) for name, cell in cells if cell["cell_type"] == "code"]
    assert code
    assert [name for name, cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


def test_no_path_of_one_machine() -> None:
    """No kept file names a folder of the machine it was written on."""
    own = re.compile("|".join([re.escape(f"{ROOT}/"), r"(?<![\w.~])/(?:home|Users|root|work)/\w"]))
    guilty = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in texts()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if own.search(line)
    ]
    assert guilty == []


def test_pinned_versions_cover_what_is_asked() -> None:
    """constraints.txt pins every package that pyproject.toml names, and holds nothing but pins."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(need for needs in project["optional-dependencies"].values() for need in needs)]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;]", need)[0].lower()) for need in asked} - {"symmetry"}
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", line)] == []
    assert names - {line.split("==")[0].lower() for line in lines} == set()
