"""The verb that keeps a wave's pages up: field serve."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.needing import need_web

if TYPE_CHECKING:
    from symmetry.cli import Verbs

__all__ = ["add"]


def add(field_verbs: Verbs) -> None:
    """Describe the verb."""
    serve = field_verbs.add_parser("serve", help="show the pages of the open waves, and record what people answer")
    serve.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="that `symmetry field open` made")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=_port, default=8000, metavar="N", help="port to listen on (default 8000)")
    serve.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe X-Forwarded-Host and X-Forwarded-Proto of a proxy on this machine",
    )
    serve.set_defaults(run=_serve)


def _port(text: str) -> int:
    """Read a port; 0 takes a free one."""
    if not (text.isascii() and text.isdigit()) or int(text[:6]) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port, from 0 to 65535")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.fieldwork import close_store, open_store, serve

    store = open_store(options.store)
    try:
        serve(store, host=options.host, port=options.port, behind_proxy=options.behind_proxy)
    finally:
        close_store(store)
    return 0
