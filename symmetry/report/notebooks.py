"""Execute the notebook of a report on a real kernel, then draw the page from what its cells displayed.

The kernel is the running interpreter, reached through local sockets (no network port), with no history and no start-
up files of the user. Both files are written aside and renamed, so that a run that fails leaves the last good report
alone. Nothing of the clock or of the machine enters them: the same results give the same bytes.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import site
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from symmetry.aside import replace_file
from symmetry.errors import Place, ReportError
from symmetry.report.reading import read_cover
from symmetry.report.results_view import View
from symmetry.report.words import typeset

__all__ = ["render"]

_FOLDER = Path(__file__).resolve().parent
_MEND = "reinstall symmetry: its notebook templates are missing"


def render(results_dir: str | Path, *, lang: str | None = None, out: str | Path | None = None) -> Path:
    """Render a results folder as `report.ipynb` (the record) and `report.html` (the page).

    Parameters
    ----------
    results_dir : folder written by `analyse`; it is read, and nothing is recomputed.
    lang : "fr" or "en"; None takes the plan's language, else the study's first.
    out : folder that receives both files; None writes them into the results folder.

    Returns
    -------
    Path of `report.html`, one self-contained page.

    Raises
    ------
    ReportError : the results lack something, or a cell failed; then `report.failed.ipynb` is kept beside.

    Examples
    --------
    >>> report.render("analyses/everyday_bank/results", lang="fr")  # doctest: +SKIP
    PosixPath('analyses/everyday_bank/results/report.html')
    """
    folder = Path(results_dir)
    view = read_cover(folder, language=lang)
    target = Path(out) if out is not None else folder
    target.mkdir(parents=True, exist_ok=True)
    notebook = _template()
    place = Path(os.path.relpath(folder.resolve(), target.resolve())).as_posix()
    _inject(notebook, {"results": place, "language": view.language})
    _execute(notebook, target)
    _strip(notebook)
    page = _page(notebook, view)
    replace_file(target / "report.ipynb", _text(notebook))
    replace_file(target / "report.html", page)
    (target / "report.failed.ipynb").unlink(missing_ok=True)
    return target / "report.html"


def _template() -> Any:
    """The notebook template: inside the package once installed, at the root of the repository before."""
    for folder in (_FOLDER.parent / "notebooks", _FOLDER.parents[1] / "notebooks"):
        if (folder / "report.ipynb").is_file():
            return _untyped("nbformat").read(folder / "report.ipynb", as_version=4)
    raise ReportError("the notebook report.ipynb is not installed", mend=_MEND)


def _inject(notebook: Any, parameters: Mapping[str, str]) -> None:
    """Put values in the cell tagged `parameters`."""
    cell = next((cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())), None)
    if cell is None:
        raise ReportError("the notebook report.ipynb has no cell tagged `parameters`", mend=_MEND)
    cell.source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())


def _execute(notebook: Any, target: Path) -> None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with (
        tempfile.TemporaryDirectory(prefix="symmetry-") as scratch,
        _kernel(notebook, Path(scratch)) as (client, start),
    ):
        try:
            _run(client, cwd=str(target), **start)
        except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as failure:
            failed = target / "report.failed.ipynb"
            _strip(notebook)
            replace_file(failed, _text(notebook))
            raise _explained(notebook, failed, failure, Path(scratch)) from None


def _run(client: Any, **start: Any) -> None:
    """Run in a thread, where nbclient leaves signals alone: Ctrl-C comes here, and the kernel is ended before it goes on."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(asyncio.run, client.async_execute(**start))
        try:
            running.result()
        except KeyboardInterrupt:
            while not running.done():
                provisioner = client.km.provisioner if client.km is not None else None
                if provisioner is not None and provisioner.process is not None:
                    provisioner.process.kill()
                wait([running], timeout=0.1)
            atexit.unregister(client._cleanup_kernel)  # what nbclient leaves behind when a kernel dies as it starts
            raise


@contextmanager
def _kernel(notebook: Any, scratch: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A client of one notebook on a kernel of this very interpreter, and what its process starts with."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class Own(KernelSpecManager):
        """Knows one kernel: the running interpreter."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            quiet = ["--HistoryManager.enabled=False", "--log-level=ERROR"]
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *quiet]
            return KernelSpec(argv=command, display_name="Python 3", language="python")

    sockets: dict[str, Any] = {"transport": "ipc", "ip": str(scratch / "k")} if os.name == "posix" else {}
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=Own(), connection_file=str(scratch / "kernel.json"), **sockets
    )
    client = NotebookClient(notebook, km=manager, timeout=600, record_timing=False, store_widget_state=False)
    client.owns_km = True
    with (scratch / "kernel.log").open("wb") as log:
        yield client, {"env": _environment(scratch), "stderr": log, "stdout": log}


def _environment(scratch: Path) -> dict[str, str]:
    """The environment of this process, so that the kernel imports this very package and nobody's start-up files."""
    own = {"IPYTHONDIR": str(scratch / "ipython"), "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    root = str(_FOLDER.parents[1])
    if root not in {*site.getsitepackages(), site.getusersitepackages()}:
        own["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **own}


def _explained(notebook: Any, failed: Path, failure: Exception, scratch: Path) -> ReportError:
    mend = f"the half-made notebook is kept: open {failed} to see how far it went"
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                line, source = _failing_line(cell.source, output.get("traceback", []))
                what = f"cell {number} failed at line {line}, `{source}`: {output.ename}: {output.evalue}"
                return ReportError(f"notebook report.ipynb, {what}", where=Place(failed), mend=mend)
    log = (scratch / "kernel.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = log[-1] if log else str(failure).strip() or type(failure).__name__
    return ReportError(f"notebook report.ipynb: the kernel stopped: {said}", where=Place(failed), mend=mend)


def _failing_line(source: str, traceback: list[str]) -> tuple[int, str]:
    lines = source.splitlines() or [""]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(traceback))
    found = re.search(r"(?:Cell In\s?\[\d+\], line |<ipython-input[^>]*>.*line |line )(\d+)", plain)
    number = min(max(int(found[1]) if found else 1, 1), len(lines))
    return number, lines[number - 1].strip()


def _strip(notebook: Any) -> None:
    """Take out what changes from run to run or from machine to machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def _page(notebook: Any, view: View) -> str:
    exporter = _untyped("nbconvert.exporters").TemplateExporter(
        extra_template_basedirs=[str(_FOLDER)], template_name="page", template_file="index.html.j2"
    )
    title = typeset(view.text(view.study.get("title"), str(view.study.get("key", "report"))), view.language)
    style = (_FOLDER / "page" / "style.css").read_text(encoding="utf-8")
    page, _ = exporter.from_notebook_node(
        notebook, resources={"page": {"language": view.language, "title": title, "style": style}}
    )
    return str(page)


def _text(notebook: Any) -> str:
    return str(_untyped("nbformat").writes(notebook)) + "\n"


def _untyped(module: str) -> Any:
    """A library without annotations, imported when it is needed."""
    return import_module(module)
