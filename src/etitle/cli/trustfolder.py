"""Where an employer's trust store is."""

from __future__ import annotations

import os
from pathlib import Path

from etitle.cli.arguments import Parser


def store_folder(given: str | Path | None) -> Path:
    """The trust store: as given, else ``$ETITLE_TRUST``, else below the person's home."""
    named = given or os.environ.get("ETITLE_TRUST")
    return Path(named) if named else Path.home() / ".local/share/etitle/trust"


def add_store(parser: Parser) -> None:
    """``--trust DIR``."""
    parser.add_argument(
        "--trust",
        metavar="DIR",
        type=Path,
        help=parser.say(
            "trust store; default: $ETITLE_TRUST, else ~/.local/share/etitle/trust",
            "信任库；默认 $ETITLE_TRUST，否则 ~/.local/share/etitle/trust",
        ),
    )
