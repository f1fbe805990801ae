"""Programs of the npm registry as independent judges: fetched once into a cache, at one version, else the test is skipped.

The cache is the folder that SYMMETRY_NODE_MODULES names, or `symmetry-node` among temporary files.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

__all__ = ["node_package", "run_node"]

_SECONDS = 300


def node_package(name: str, version: str) -> Path:
    """The `node_modules` folder that holds one version of a package, installed if it is not there yet.

    Skips the test, saying why, where node or npm is absent or the registry cannot be reached.  Workers of one run, and
    runs side by side, wait for each other.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed, so {name} {version} cannot judge")
    home = Path(os.environ.get("SYMMETRY_NODE_MODULES") or Path(tempfile.gettempdir()) / "symmetry-node")
    folder = home / f"{name.replace('/', '+')}-{version}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _install(folder, f"{name}@{version}")
    return folder / "node_modules"


def run_node(script: Path, *arguments: str, modules: Path, given: str = "") -> str:
    """What a script prints to standard output, with the packages of `modules` in reach; its errors are the test's."""
    environment = {**os.environ, "NODE_PATH": str(modules)}
    command = ["node", str(script), *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, env=environment, timeout=_SECONDS, encoding="utf-8"
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def _install(folder: Path, package: str) -> None:
    """Install a package aside, then put it in its place with a mark that it is whole."""
    shutil.rmtree(folder, ignore_errors=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not fetch {package} within {_SECONDS} seconds")
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"npm could not fetch {package}: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "installed").touch()
