"""Only real commands: each in a process of its own, timed, its output kept; and the server for as long as a block lasts."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Commands"]

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Commands:
    """Runs `symmetry …` and remembers what took how long.

    Attributes
    ----------
    log : file that gets every command with its output.
    took : (what, seconds), in order.
    """

    log: Path
    took: list[tuple[str, float]] = field(default_factory=list)

    def run(self, *words: str | Path, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command to its end; what it prints on stdout."""
        said = [str(word) for word in words]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "symmetry", *said],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        self.took.append((" ".join(word for word in said[:3] if not word.startswith("/")), seconds))
        with self.log.open("a", encoding="utf-8") as log:
            log.write(
                f"$ symmetry {' '.join(said)}   # {seconds:.1f} s, exit {done.returncode}\n{done.stdout}{done.stderr}\n"
            )
        if done.returncode not in codes:
            raise RuntimeError(f"symmetry {' '.join(said)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done.stdout

    @contextmanager
    def serving(self, store: Path, port: int) -> Iterator[str]:
        """`symmetry field serve`; its address."""
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "symmetry", "field", "serve", "--store", str(store), "--port", str(port)]
        with self.log.with_name("server.log").open("ab") as told:
            process = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=told)
            try:
                _wait(process, address)
                yield address
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                process.wait(30)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: see server.log")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the server did not come up in 30 s")
