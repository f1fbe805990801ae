"""Whether a file holds answers that nobody gave: simulated and rehearsed ones stay so on their way out and in again."""

from __future__ import annotations

import json

from symmetry.fieldwork.vendors.nouns import VendorTable

__all__ = ["made_up"]


def made_up(table: VendorTable, wave: str, audience: str) -> bool:
    """Whether the manifest of our export, beside the file, has this very file and calls its answers simulated.

    Parameters
    ----------
    table : the file.
    wave, audience : as which it is brought in.
    """
    try:
        manifest = json.loads((table.path.parent / "manifest.json").read_text(encoding="utf-8"))
        ours = manifest["holds"] == "export" and manifest["files"].get(table.path.name) == table.sha256
        return bool(ours and manifest["tables"][f"{wave}/{audience}"]["simulated"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # no manifest, or another one: it says nothing
        return False
