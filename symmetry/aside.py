"""Write aside, then rename: a reader never meets half a file or half a folder, and what was there stays until all is well."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symmetry.errors import DataError, Place

__all__ = ["replace_file", "replacing"]


def replace_file(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a text, or bytes, in place of a file, whole or not at all; when it returns, the disk has it."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a file", str(path))
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            Path(aside).chmod(mode)
            os.fsync(file.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _keep_names(path.parent)


def _keep_names(folder: Path) -> None:
    """Have the disk keep the names in a folder, where the system lets us ask for it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folder; others none that we may not list
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that keeps names by itself
            raise
    finally:
        os.close(handle)


@contextmanager
def replacing(folder: Path, *, holds: str, mode: int = 0o755) -> Iterator[Path]:
    """Give a fresh folder to write into, which takes the place of `folder` when the block succeeds.

    Parameters
    ----------
    folder : to make, or to replace whole.
    holds : what the folder's manifest says it holds; a folder that holds anything else is foreign.
    mode : permissions of the folder.

    Raises
    ------
    DataError : `folder` is foreign and not empty; nothing is touched.

    Notes
    -----
    If the block fails or is interrupted, `folder` stays as it was and nothing half-written remains.
    """
    folder = folder.absolute()
    _refuse_foreign(folder, holds)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    previous = staging.with_suffix(".old")
    try:
        yield staging
        staging.chmod(mode)
        if folder.exists():
            folder.rename(previous)
        staging.rename(folder)
    finally:
        if previous.exists() and not folder.exists():
            previous.rename(folder)
        for rest in (staging, previous):
            shutil.rmtree(rest, ignore_errors=True)


def _refuse_foreign(folder: Path, holds: str) -> None:
    """Refuse to replace a file, or a folder that is not ours."""
    if folder.is_dir():
        if not any(folder.iterdir()):
            return
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            if "symmetry" in manifest and manifest.get("holds") == holds:
                return
        except (OSError, ValueError, AttributeError, TypeError):
            pass
    elif not folder.exists():
        return
    raise DataError(
        f"holds something else than {holds} of symmetry, and is left alone",
        where=Place(folder),
        mend="name an empty or a new folder, or move what is there",
        code="OUT01",
    )
