"""The documents of a ledger's certificates (docs/spec clause 9).

A document can be made again from the ledger and its photo, but not with the same bytes: a signature
has its own time.  So one that verifies is kept; one that is lost or damaged is signed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from etitle.errors import EtitleError
from etitle.files import locked_folder, read_bounded, write_atomic
from etitle.issue.document import (
    MAX_DOCUMENT_BYTES,
    DocumentMaker,
    Judge,
    document_fault,
)
from etitle.register.batch import file_stem
from etitle.register.ledger import LedgerEntry
from etitle.register.photos import PhotoStore
from etitle.trust.status import StatusKind


@dataclass(frozen=True, slots=True)
class WrittenDocuments:
    """What ``write_documents`` did.

    Attributes:
        made: documents that were signed and written.
        kept: documents that were there already and verify.
        left: certificates in force for which none can be made: whether they have a photo is open.
        ended: certificates not in force; a void one is not signed again.
        failed: numbers of those whose page could not be made, with what is wrong.
    """

    made: int
    kept: int
    left: int
    ended: int
    failed: tuple[tuple[str, EtitleError], ...]


_OF_ONE: Final = ("page.", "photo.", "issue.photo_lost", "issue.document_check")
"""Codes of errors that concern one document; any other would meet all of them."""


def write_documents(  # noqa: PLR0913  # required keywords
    entries: Iterable[LedgerEntry],
    *,
    folder: Path,
    judge: Judge,
    maker: Callable[[], DocumentMaker],
    photos: PhotoStore,
    at_s: int,
) -> WrittenDocuments:
    """Write ``NUMBER.pdf`` of each certificate that is in force and has none that verifies.

    Args:
        entries: certificates of the ledger.
        folder: made where there is none.
        judge: as for ``DocumentMaker``; also judges the documents that are there.
        maker: called when the first document must be made.
        photos: the issuer's photos.
        at_s: now, seconds since 1970 UTC.

    Raises:
        IssueError: what concerns more than one document.
        SignerError: the seal's own.
    """
    made = kept = left = ended = 0
    failed: list[tuple[str, EtitleError]] = []
    ready: DocumentMaker | None = None
    with locked_folder(folder):
        for entry in entries:
            path = folder / f"{file_stem(entry.number)}.pdf"
            if _is_there(path, entry, judge, at_s):
                kept += 1
            elif entry.state.kind is not StatusKind.VALID:
                ended += 1
            elif entry.photo is None:
                left += 1
            else:
                ready = ready or maker()
                try:
                    # Photo and 核验码 are for the office and the holder alone.
                    write_atomic(path, _make(ready, entry, photos, at_s), mode=0o600)
                    made += 1
                except EtitleError as error:
                    if not error.code.startswith(_OF_ONE):
                        raise
                    failed.append((entry.number, error))
    return WrittenDocuments(made, kept, left, ended, tuple(failed))


def _make(maker: DocumentMaker, entry: LedgerEntry, photos: PhotoStore, at_s: int) -> bytes:
    photo = photos.photo(entry.photo) if entry.photo else None
    return maker.make(
        entry.signed.code_text,
        opening=entry.opening,
        photo=photo,
        at_s=at_s,
        work_unit=entry.work_unit,
    )


def _is_there(path: Path, entry: LedgerEntry, judge: Judge, at_s: int) -> bool:
    try:
        pdf = read_bounded(path, limit=MAX_DOCUMENT_BYTES)
    except (OSError, ValueError):
        return False
    return pdf is not None and not document_fault(
        pdf, entry.signed.code_text, opening=entry.opening, judge=judge, at_s=at_s
    )
