"""Processes that do the timed work, one for each tool, task and size, and what is read off them from outside.

Peak memory is the kernel's own high-water mark (`VmHWM`), set back just before the order is given, minus what the process held at
that moment.  A call that passes two minutes or four gigabytes is stopped, and the reason kept.
"""

from __future__ import annotations

import json
import os
import selectors
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Child", "Runs", "Stopped", "measured"]

SECONDS, MEGABYTES, ONCE = 120, 4096, 20  # stopped above these; timed once above the last
LOADING = 900


class Stopped(Exception):
    """The call was stopped, or failed: why, in a few words."""


@dataclass(frozen=True)
class Runs:
    """One task in one tool: seconds from the frame (`whole`) and on a ready design (`ready`), extra MB; or why there are none."""

    whole: float = np.nan
    ready: float = np.nan
    memory: float = np.nan
    times: int = 0
    left: str = ""
    fault: str = ""
    numbers: np.ndarray = field(default_factory=lambda: np.empty(0))


def measured(command: list[str], times: int) -> Runs:
    """Time a task: a first round for memory, then `times` warm ones; a first round above 20 s is the only one."""
    try:
        with Child(command) as child:
            first, memory = child.order("round")
            whole, ready = [first["build"] + first["fresh"]], [first["again"]]
            if whole[0] <= ONCE:
                rounds = [child.order("round")[0] for _ in range(times)]
                whole = [one["build"] + one["fresh"] for one in rounds]
                ready = [one["again"] for one in rounds]
            return Runs(statistics.median(whole), statistics.median(ready), memory, len(whole), numbers=child.numbers())
    except Stopped as stopped:
        left, _, fault = str(stopped).partition(": ")
        return Runs(left=left, fault=fault)


class Child:
    """A process that loads its data, says it is ready, and obeys one order at a time."""

    def __init__(self, command: list[str]) -> None:
        self.errors = Path(tempfile.mkstemp(suffix=".errors")[1])
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors.open("wb"), bufsize=0, cwd=ROOT
        )
        self.said = b""
        self.eye = selectors.DefaultSelector()
        self.eye.register(self.process.stdout, selectors.EVENT_READ)

    def __enter__(self) -> Child:
        try:
            self._answer(LOADING, np.inf)
        except Stopped:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.unlink()

    def order(self, what: str) -> tuple[dict[str, Any], float]:
        """Give an order; what the child says of it, and the extra memory at its peak in MB."""
        before = self._memory("VmRSS")
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")
        self.process.stdin.write(f"{what}\n".encode())
        said = self._answer(SECONDS, before + MEGABYTES)
        return said, max(self._memory("VmHWM") - before, 0.0)

    def numbers(self) -> np.ndarray:
        """The numbers of the last call."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "numbers.f8"
            self.order(f"answer {path}")
            return np.fromfile(path)

    def _answer(self, seconds: float, megabytes: float) -> dict[str, Any]:
        """Wait for a line, within limits."""
        start = time.perf_counter()
        while b"\n" not in self.said:
            if self.eye.select(timeout=0.1):
                piece = os.read(self.process.stdout.fileno(), 65536)
                if not piece:
                    raise Stopped(self._last_words())
                self.said += piece
            elif time.perf_counter() - start > seconds:
                raise Stopped(f"over {seconds:.0f} s")
            elif self._memory("VmRSS") > megabytes:
                raise Stopped(f"over {MEGABYTES // 1024} GB")
        line, self.said = self.said.split(b"\n", 1)
        found: dict[str, Any] = json.loads(line)
        return found

    def _memory(self, name: str) -> float:
        """A line of the kernel's account of the process, in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        return 0.0

    def _last_words(self) -> str:
        """Read why a process ended: the last line it wrote as an error, not indented."""
        self.process.wait()
        lines = self.errors.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line for line in lines if line.strip() and not line.startswith(" ")]
        return f"failed: {said[-1] if said else self.process.returncode}"


ROOT = Path(__file__).resolve().parents[2]
