"""What helps an author to write a study: a first one to edit, completion in the editor, one layout for all files."""

from __future__ import annotations

__all__ = ()
