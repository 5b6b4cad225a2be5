"""The ledger's file and its transactions."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final, Self

from etitle.errors import IssueError

SCHEMA: Final = 3
_OPENING_TRIGGERS: Final = ("CREATE TRIGGER certificates_fixed", "CREATE TRIGGER openings_fixed")
_PHOTO_TRIGGER: Final = "CREATE TRIGGER photos_fixed"
_UNIT_TRIGGER: Final = "CREATE TRIGGER work_units_fixed"
_OLD: Final = (b"1", b"2")
BUSY_S: Final = 30
"""Seconds to wait for another command that writes."""


def _statements() -> Generator[str]:
    """Those of ``ledger.sql`` one by one: executescript would end the transaction."""
    text = resources.files("etitle.register").joinpath("ledger.sql").read_text("utf-8")
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


class LedgerFile:
    """An open SQLite file that is one authority's ledger; ``open`` makes it.

    Attributes:
        db: the connection; used within ``reading`` and ``writing`` only.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path, self.db = path, db
        self._secret = b""

    @classmethod
    def open(cls, path: Path, *, authority_id: str) -> Self:
        """Open a file; it is made where there is none.

        Args:
            path: the file.
            authority_id: whose record it is.

        Raises:
            IssueError: ``issue.ledger_unreadable``, ``issue.ledger_version``,
                ``issue.ledger_busy`` or ``issue.ledger_other_authority``.
        """
        try:
            path.touch(mode=0o600)
            opened = cls(path, sqlite3.connect(path, timeout=BUSY_S, isolation_level=None))
        except (OSError, sqlite3.Error):
            raise IssueError("issue.ledger_unreadable", path=path) from None
        try:
            with opened.reading():
                # A power cut after "issued" was reported must not undo it.
                opened.db.execute("PRAGMA synchronous = FULL")
                opened.db.execute("PRAGMA foreign_keys = ON")
                opened._begin(authority_id)
        except IssueError:
            opened.db.close()
            raise
        return opened

    def _begin(self, authority_id: str) -> None:
        if not self.db.execute("SELECT 1 FROM sqlite_master").fetchone():
            with self.writing():
                if not self.db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    self._make(authority_id)
        meta = self._meta()
        if meta["authority"] != authority_id.encode():
            raise IssueError(
                "issue.ledger_other_authority", path=self._path, authority=authority_id
            )
        if meta["schema"] in _OLD:
            with self.writing():
                schema = self._meta()["schema"]  # another command may have been faster
                if schema == b"1":
                    self._learn_photos()
                if schema in _OLD:
                    self._learn_work_units()
            meta = self._meta()
        if meta["schema"] != str(SCHEMA).encode():
            raise IssueError("issue.ledger_version", path=self._path)
        self._secret = meta["secret"]

    def _meta(self) -> dict[str, bytes]:
        return dict(self.db.execute("SELECT key, value FROM meta"))

    def _learn_photos(self) -> None:
        """Let a ledger of schema 1 know of photos."""
        self.db.execute(
            "ALTER TABLE certificates ADD COLUMN photo BLOB CHECK (length(photo) IN (0, 32))"
        )
        # The earliest ones fixed the opening of a place before it held a certificate.
        self.db.execute("DROP TRIGGER IF EXISTS certificates_fixed")
        self.db.execute("DROP TRIGGER IF EXISTS openings_fixed")
        self._add(*_OPENING_TRIGGERS, _PHOTO_TRIGGER)

    def _learn_work_units(self) -> None:
        """Let a ledger of schema 2 know of work units."""
        self.db.execute("ALTER TABLE certificates ADD COLUMN work_unit TEXT")
        self._add(_UNIT_TRIGGER)
        self.db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(SCHEMA).encode(),))

    def _add(self, *beginnings: str) -> None:
        for statement in _statements():
            if statement.startswith(beginnings):
                self.db.execute(statement)

    def _make(self, authority_id: str) -> None:
        for statement in _statements():
            self.db.execute(statement)
        values = {
            "schema": str(SCHEMA).encode(),
            "authority": authority_id.encode(),
            "secret": secrets.token_bytes(32),
        }
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def digest(self, record: bytes) -> bytes:
        """A record's digest, 16 bytes: keyed, because a plain hash would give ID numbers away."""
        return hmac.digest(self._secret, record, "sha256")[:16]

    @contextmanager
    def reading(self) -> Generator[None]:
        """What goes wrong inside is an ``IssueError``."""
        try:
            yield
        except sqlite3.OperationalError as error:
            # The low byte is the kind: extended codes say more about the same.
            kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if kind in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise IssueError("issue.ledger_busy", path=self._path) from None
            if kind == sqlite3.SQLITE_FULL:
                raise IssueError("issue.ledger_full", path=self._path) from None
            raise IssueError("issue.ledger_unreadable", path=self._path) from None
        except (sqlite3.Error, KeyError):
            raise IssueError("issue.ledger_unreadable", path=self._path) from None

    @contextmanager
    def writing(self) -> Generator[None]:
        """One transaction; nothing else writes while it lasts."""
        with self.reading():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:  # a full disk may have ended it
                    self.db.execute("ROLLBACK")
                raise
