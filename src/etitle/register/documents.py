"""The documents of a ledger's certificates (docs/spec clause 9).

A document can be made again from the ledger and its photo, but not to the byte: a signature has its
own time.  So one that is there and verifies stays; one that is lost or spoilt is signed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from etitle.errors import EtitleError
from etitle.files import locked_folder, read_bounded, write_atomic
from etitle.issue.document import MAX_DOCUMENT_BYTES, DocumentMaker, fault
from etitle.register.batch import file_stem
from etitle.register.ledger import LedgerEntry
from etitle.register.photos import PhotoStore
from etitle.trust.status import StatusKind
from etitle.verdict import Verdict


@dataclass(frozen=True, slots=True)
class WrittenDocuments:
    """What ``write_documents`` did.

    Attributes:
        made: documents that were signed and written.
        kept: documents that were there already and verify.
        left: certificates in force for which none can be made: of a photo nothing was ever said.
        ended: certificates not in force; what is void is not signed anew.
        failed: numbers of those whose page could not be made, with what is wrong.
    """

    made: int
    kept: int
    left: int
    ended: int
    failed: tuple[tuple[str, EtitleError], ...]


_OF_ONE: Final = ("page.", "photo.", "issue.photo_lost", "issue.document_check")
"""Codes of errors that concern one document; any other would meet all of them."""


def write_documents(
    issued: Iterable[LedgerEntry],
    *,
    folder: Path,
    verify: Callable[[bytes], Verdict],
    press: Callable[[], DocumentMaker],
    photos: PhotoStore,
) -> WrittenDocuments:
    """Write ``NUMBER.pdf`` of each certificate that is in force and has none that verifies.

    Args:
        issued: certificates of the ledger.
        folder: made where there is none.
        verify: as for ``DocumentMaker``.
        press: called when the first document must be made.
        photos: the issuer's photos.

    Raises:
        IssueError: what concerns more than one document.
        SignerError: the seal's own.
    """
    made = kept = left = ended = 0
    failed: list[tuple[str, EtitleError]] = []
    ready: DocumentMaker | None = None
    with locked_folder(folder):
        for each in issued:
            path = folder / f"{file_stem(each.number)}.pdf"
            if _is_there(path, each, verify):
                kept += 1
            elif each.state.kind is not StatusKind.VALID:
                ended += 1
            elif each.photo is None:
                left += 1
            else:
                ready = ready or press()
                try:
                    # Photo and 核验码 are for the office and the holder alone.
                    write_atomic(path, _make(ready, each, photos), mode=0o600)
                    made += 1
                except EtitleError as error:
                    if not error.code.startswith(_OF_ONE):
                        raise
                    failed.append((each.number, error))
    return WrittenDocuments(made, kept, left, ended, tuple(failed))


def _make(press: DocumentMaker, issued: LedgerEntry, photos: PhotoStore) -> bytes:
    photo = photos.photo(issued.photo) if issued.photo else None
    return press.make(issued.signed.code_text, opener=issued.opener, photo=photo)


def _is_there(path: Path, issued: LedgerEntry, verify: Callable[[bytes], Verdict]) -> bool:
    try:
        pdf = read_bounded(path, limit=MAX_DOCUMENT_BYTES)
    except (OSError, ValueError):
        return False
    return pdf is not None and not fault(
        pdf, issued.signed.code_text, opener=issued.opener, verify=verify
    )
