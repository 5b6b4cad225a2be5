"""Where an employer's trust store is, and how its authorities are told apart."""

from __future__ import annotations

import datetime
import os
import unicodedata
from argparse import Namespace
from collections.abc import Collection, Sequence
from pathlib import Path

from etitle.cli.arguments import Parser
from etitle.cli.terminal import Terminal
from etitle.store.local import AuthorityStatus
from etitle.trust.bundle import Authority, Bundle, fingerprint
from etitle.trust.pin import spell_fingerprint
from etitle.trust.words import spell_words


def store_folder(given: str | Path | None) -> Path:
    """The trust store: as given, else ``$ETITLE_TRUST``, else below the person's home."""
    named = given or os.environ.get("ETITLE_TRUST")
    return Path(named) if named else Path.home() / ".local/share/etitle/trust"


def shown_fingerprint(terminal: Terminal, bundle: Bundle) -> str:
    """The fingerprint of a bundle's roots: digits, and the words of the person's language."""
    digest = fingerprint(bundle.roots)
    return f"{spell_fingerprint(digest)} ({spell_words(digest, terminal.language)})"


def time_of(options: Namespace) -> datetime.datetime:
    """The time that a command acts as of."""
    return datetime.datetime.fromtimestamp(options.at_s, datetime.UTC)


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


def warn_of_namesakes(
    terminal: Terminal, statuses: Sequence[AuthorityStatus], ids: Collection[str]
) -> None:
    """Warn where one of these authorities bears the name of another in the store."""
    told: set[frozenset[str]] = set()
    for one in statuses:
        for other in statuses:
            this, that = one.bundle.authority, other.bundle.authority
            pair = frozenset({this.id, that.id})
            if this.id not in ids or this.id == that.id or pair in told:
                continue
            if _names(this) & _names(that):
                told.add(pair)
                terminal.warn(
                    "cli.name_twice",
                    id=this.id,
                    pin=shown_fingerprint(terminal, one.bundle),
                    other=that.id,
                    other_pin=shown_fingerprint(terminal, other.bundle),
                )


def _names(authority: Authority) -> set[str]:
    """Its names as the eye takes them: width, case and spaces don't count."""
    return {
        "".join(unicodedata.normalize("NFKC", name).casefold().split())
        for name in (authority.name_zh, authority.name_en)
    }
