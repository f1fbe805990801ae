"""The one style sheet, minified, and the policy that allows it and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

__all__ = ["policy", "style"]

_GAPS = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+(?=[^{}]*[;}])")


@cache
def style() -> str:
    """The style sheet as every page carries it."""
    text = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", _GAPS.sub(lambda found: found[1] or "", text)).replace(";}", "}").strip()


@cache
def policy() -> str:
    """The content security policy of every page: its own style sheet by hash, forms to itself, no script, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
