"""Raw identity numbers as identity documents: kind, shape, check digit, birth, sex.

Kinds and shapes are those of table ``id_rules``.  An address code that the tables don't know is
at most a warning: people keep the code of their first registration, retired ones among them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from etitle.certificate.codes import covered, divisions, table
from etitle.certificate.compact import derived_sex
from etitle.certificate.identity import (
    CHECKSUMMED,
    EIGHTEEN,
    DocumentKind,
    Identity,
    check_digit,
    plain_number,
)
from etitle.certificate.model import Sex
from etitle.errors import FieldError
from etitle.record.finding import Finding, warn

_KINDS: Final = {
    "cn_resident": DocumentKind.CN_RESIDENT,
    "hmt_residence": DocumentKind.HMT_RESIDENCE,
    "foreign_pr_2023": DocumentKind.FOREIGN_PR_2023,
    "foreign_pr_2017": DocumentKind.FOREIGN_PR_2017,
    "hm_travel": DocumentKind.HM_TRAVEL,
    "tw_travel": DocumentKind.TW_TRAVEL,
    "passport": DocumentKind.PASSPORT,
}
"""Kinds by their id in table ``id_rules``."""

EARLIEST_BIRTH: Final = 1850
"""Year; earlier ones are typing errors. The standard's own examples go back to 1880."""

HOME: Final = frozenset({"CHN", "HKG", "MAC", "TWN"})
"""Codes that workbooks put beside numbers that are no passport's; there they add nothing."""

_OLD_TAIWAN: Final = re.compile(r"710000[0-9]{11}[0-9X]")
_HMT_PREFIXES: Final = ("810000", "820000", "830000", "710000")
_MAX_RAW: Final = 64


@dataclass(frozen=True, slots=True)
class Document:
    """The holder's identity document, read; ``examine`` judges it.

    Attributes:
        kind: kind of document.
        number: the whole number, plain; kept out of ``repr``.
        nationality: ISO 3166-1 alpha-3, for passports; else None.
    """

    kind: DocumentKind
    number: str = field(repr=False)
    nationality: str | None = None

    @property
    def sex(self) -> Sex | None:
        """The sex that digit 17 shows, for kinds of 18 characters.

        >>> Document(DocumentKind.CN_RESIDENT, "11010519491231002X").sex
        <Sex.FEMALE: 2>
        """
        whole = EIGHTEEN.fullmatch(self.number) is not None
        return derived_sex(Identity(self.kind, self.number)) if whole else None

    @property
    def birth(self) -> datetime.date | None:
        """The day of birth in the number; None where it shows none, or no day that exists."""
        if self.kind not in CHECKSUMMED or not EIGHTEEN.fullmatch(self.number):
            return None
        digits = self.number[6:14]
        try:
            return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return None


_OLD_FIFTEEN: Final = re.compile(r"[0-9]{15}")
"""GB 11643-1989; no kind of its own (table ``id_rules``: converted on import)."""


@cache
def _shapes() -> Mapping[DocumentKind, re.Pattern[str]]:
    return {
        _KINDS[rule["id"]]: re.compile(rule["regex"], re.ASCII)
        for rule in table("id_rules")["types"]
        if rule["id"] in _KINDS
    }


@cache
def kind_names() -> Mapping[DocumentKind, str]:
    """Chinese name of each kind.

    >>> kind_names()[DocumentKind.PASSPORT]
    '护照'
    """
    return {
        _KINDS[rule["id"]]: rule["zh"]
        for rule in table("id_rules")["types"]
        if rule["id"] in _KINDS
    }


def detect(number: str, nationality: str | None = None) -> DocumentKind | None:
    """The kind whose shape a plain number has; None where several or none fit.

    A passport is believed only with a foreign nationality beside it: its shape fits anything.

    >>> detect("810000199408230021")
    <DocumentKind.HMT_RESIDENCE: 2>
    >>> detect("12345678", "GBR")
    <DocumentKind.PASSPORT: 7>
    """
    if len(number) == 18:  # noqa: PLR2004  # GB 11643
        if number.startswith(_HMT_PREFIXES):
            return DocumentKind.HMT_RESIDENCE
        foreign = number.startswith("9")
        return DocumentKind.FOREIGN_PR_2023 if foreign else DocumentKind.CN_RESIDENT
    order = [DocumentKind.FOREIGN_PR_2017, DocumentKind.HM_TRAVEL, DocumentKind.TW_TRAVEL]
    if nationality is not None and nationality not in HOME:
        order[1:] = [DocumentKind.PASSPORT]
    shapes = _shapes()
    return next((kind for kind in order if shapes[kind].fullmatch(number)), None)


def read_document(
    raw: str, *, kind: DocumentKind | None = None, nationality: str | None = None
) -> tuple[Document, tuple[Finding, ...]]:
    """Read a number as written, with or without its kind.

    An old number of 15 digits becomes the number of 18 that replaced it, with a note.

    Args:
        raw: the number in any width, case and spacing.
        kind: as given; None detects it.
        nationality: ISO 3166-1 alpha-3 as given.

    Returns:
        The document, and warnings: ``record.id_converted``, ``record.kind_doubtful``,
        ``record.nationality_ignored`` and those of ``examine``.

    Raises:
        FieldError: ``record.id_shape``, ``record.id_kind_unknown``, and those of ``examine``.

    >>> read_document("４５００９９ 19900101 0072")[0]
    Document(kind=<DocumentKind.CN_RESIDENT: 1>, nationality=None)
    """
    notes: list[Finding] = []
    number = plain_number(raw) if len(raw) <= _MAX_RAW else ""
    if kind in (None, DocumentKind.CN_RESIDENT) and _OLD_FIFTEEN.fullmatch(number):
        first17 = f"{number[:6]}19{number[6:]}"
        number, kind = first17 + check_digit(first17), DocumentKind.CN_RESIDENT
        notes.append(warn("record.id_converted", "id_number"))
    seen = detect(number, nationality)
    known = seen if kind is None else kind
    if known is None:
        raise FieldError("record.id_kind_unknown", field="id_number", count=len(number))
    names = kind_names()
    if seen is not None and seen is not known and {seen, known} <= CHECKSUMMED:
        notes.append(warn("record.kind_doubtful", "id_kind", given=names[known], seen=names[seen]))
    if nationality is not None and known is not DocumentKind.PASSPORT:
        if nationality not in HOME:
            notes.append(warn("record.nationality_ignored", "nationality", kind=names[known]))
        nationality = None
    document = Document(known, number, nationality)
    notes += examine(document)
    return document, tuple(notes)


def examine(document: Document) -> Iterator[Finding]:
    """Judge a document by the rules of its kind.

    Yields:
        Warnings: ``record.address_unknown``, ``record.hmt_prefix``.

    Raises:
        FieldError: ``record.id_shape``, ``record.id_check_digit``, ``record.id_birth``,
            ``record.nationality_missing`` or ``record.nationality_shape``.
    """
    kind, number = document.kind, document.number
    old_taiwan = kind is DocumentKind.HMT_RESIDENCE and _OLD_TAIWAN.fullmatch(number)
    if not _shapes()[kind].fullmatch(number) and not old_taiwan:
        raise FieldError("record.id_shape", field="id_number", kind=kind_names()[kind])
    if kind in CHECKSUMMED:
        _examine_eighteen(document)
    if old_taiwan:
        yield warn("record.hmt_prefix", "id_number")
    if kind is DocumentKind.PASSPORT:
        if document.nationality is None:
            raise FieldError("record.nationality_missing", field="nationality")
        if not re.fullmatch(r"[A-Z]{3}", document.nationality):
            raise FieldError("record.nationality_shape", field="nationality")
    code = number[:6]
    if kind is DocumentKind.CN_RESIDENT and covered(code) and code not in divisions():
        yield warn("record.address_unknown", "id_number")


def _examine_eighteen(document: Document) -> None:
    if check_digit(document.number[:17]) != document.number[17]:
        raise FieldError(
            "record.id_check_digit", field="id_number", kind=kind_names()[document.kind]
        )
    if document.birth is None or document.birth.year < EARLIEST_BIRTH:
        raise FieldError("record.id_birth", field="id_number")
