"""One certificate, whole: a record, a place and a photo become a code text and a sealed PDF.

For programs that keep their own record of certificates.  Nothing is stored here; the guards are
those of ``etitle issue``, which issues workbooks by the same functions.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from etitle.certificate.commitment import format_opening
from etitle.certificate.dates import aware_seconds
from etitle.certificate.identity import Profile
from etitle.certificate.model import Source
from etitle.errors import FieldError, IssueError
from etitle.issue.certificate import Place, certificate_at, sign_certificate
from etitle.issue.document import DocumentMaker, PageMaker, judge_by
from etitle.issue.issuer import Issuer, issue_day
from etitle.keys.seal import Seal
from etitle.pades.dss import ValidationData
from etitle.pades.sign import REASON, TimestampAuthority
from etitle.page.font import FontChain, FontSource, installed_sources
from etitle.page.template import Template
from etitle.record.photorules import read_photo
from etitle.record.record import Record, read_record
from etitle.trust.rescue import Rescue


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """What ``issue_certificate`` made; store all of it.

    Attributes:
        place: number, list, index and opening.
        opening: the 核验码 as people type it, such as ``3F7K-…``; None unless the ID number is
            masked.
        payload: the certificate's canonical bytes.
        to_be_signed: what was signed; a rescue list after a compromise of the key names its hash.
        key_thumbprint: of the key that signed it, 32 bytes.
        code_text: the text of its QR code.
        pdf: the sealed document; with photo and 核验码 in it, it is for the holder alone.
    """

    place: Place
    opening: str | None
    payload: bytes
    to_be_signed: bytes
    key_thumbprint: bytes
    code_text: str
    pdf: bytes


def open_document_maker(  # noqa: PLR0913  # required keywords
    issuer: Issuer,
    *,
    seal: Seal,
    template: Template,
    at: datetime.datetime,
    fonts: Iterable[FontSource] = (),
    rescues: Iterable[Rescue] = (),
    tsa: TimestampAuthority | None = None,
    validation_data: ValidationData | None = None,
    reason: str | None = REASON,
) -> DocumentMaker:
    """Prepare what lays out, seals and checks documents; one serves any number of certificates.

    Args:
        issuer: who issues.
        seal: signs documents; the bundle must name its X.509 certificate.
        template: layout and words; an example template for an example bundle, and no other.
        at: now, timezone-aware: seal and time-stamp authority are tried at this time.
        fonts: searched after the font that ships.
        rescues: opened rescue lists of the authority.
        tsa: puts a time-stamp on each document (B-T).
        validation_data: goes into each document (B-LT); needs ``tsa``.
        reason: why the document is signed, as viewers show it.

    Raises:
        IssueError: ``page.template_example``, ``page.template_real``, ``page.glyph_missing``,
            ``issue.seal_not_in_bundle``, ``issue.key_not_active``,
            ``issue.seal_outside_window`` or ``sign.evidence_without_time``.
        NaiveTimeError: ``at`` has no time zone; it is a ValueError too.
    """
    maker = DocumentMaker(
        pages=PageMaker.open(
            template=template,
            fonts=FontChain((*installed_sources(), *fonts)),
            bundle=issuer.bundle,
            code_base=issuer.code_base,
        ),
        seal=seal,
        judge=judge_by(issuer.bundle, rescues),
        tsa=tsa,
        validation_data=validation_data,
        reason=reason,
    )
    maker.demand_ready(at_s=aware_seconds(at))
    return maker


def issue_certificate(  # noqa: PLR0913  # required keywords
    record: Record | Mapping[str, object],
    place: Place,
    *,
    issuer: Issuer,
    maker: DocumentMaker,
    photo: bytes | None,
    at: datetime.datetime,
    source: Source | None = None,
) -> IssuedCertificate:
    """Issue one certificate: sign its code, seal its document, and verify both.

    Store the place and ``at`` before you call it, and never give a number or an index to two
    records.  After a crash call it again with the same arguments: the certificate is the same; its
    signatures may differ.

    Args:
        record: as ``read_record`` gives it, or a row that ``read_record`` reads.
        place: number, list, index, and an opening (``new_opening``) where ID numbers are masked.
        issuer: who issues.
        maker: as ``open_document_maker`` gives it for this issuer.
        photo: the bytes of a JPEG or PNG file; None for a certificate without a photo.
        at: now, timezone-aware; gives the day of issue where the record does not.
        source: how the record arose, where it does not say.

    Returns:
        The certificate; it verifies by the published bundle.

    Raises:
        FieldError: what is wrong with the record, its number or its day: ``record.…``;
            ``issue.no_segment``, ``issue.number_outside``, ``issue.body_level_needed``,
            ``issue.issued_in_future``, ``issue.outside_window``; or ``certificate.…`` for an
            index out of range.
        ImageError: ``photo.…`` for a photo that breaks the rules.
        IssueError: ``issue.list_not_in_bundle``, ``issue.bundle_differs``; ``page.glyph_missing``
            or ``page.too_long`` for a page that can't be drawn; ``issue.key_not_active`` or
            ``issue.seal_outside_window`` for the seal; ``issue.self_check`` or
            ``issue.document_check`` for a result that verification refuses.
        SignerError: the signer's or the seal's own.
        NaiveTimeError: ``at`` has no time zone; it is a ValueError too.
    """
    at_s = aware_seconds(at)
    record = record if isinstance(record, Record) else _read(record)
    if maker.pages.bundle != issuer.bundle:
        raise IssueError("issue.bundle_differs")
    issuer.demand_list(place.list_id)
    if issuer.profile is not Profile.MASKED:
        place = replace(place, opening=None)
    day = issuer.allowed_day(record, issued_at_s=at_s, now_s=at_s)
    segments = issuer.segments_for(record, number=place.number, day=day)
    certificate = certificate_at(
        record,
        place,
        issuer=issuer,
        issued=issue_day(record, at_s=at_s),
        source=source,
        body_level=segments[0].body_level if segments else None,
    )
    read = None if photo is None else read_photo(photo)
    maker.pages.try_out(certificate, work_unit=record.work_unit, key=issuer.signer.public)
    maker.demand_ready(at_s=at_s)
    signed = sign_certificate(certificate, place, issuer=issuer, id_number=record.id_number)
    pdf = maker.make(
        signed.code_text,
        opening=place.opening,
        photo=read,
        at_s=at_s,
        work_unit=record.work_unit,
    )
    return IssuedCertificate(
        place=place,
        opening=None if place.opening is None else format_opening(place.opening),
        payload=signed.payload,
        to_be_signed=signed.to_be_signed,
        key_thumbprint=signed.thumbprint,
        code_text=signed.code_text,
        pdf=pdf,
    )


def _read(row: Mapping[str, object]) -> Record:
    record, findings = read_record(row)
    if record is None:
        error = next(finding for finding in findings if finding.severity == "error")
        raise FieldError(error.code, **{"field": error.field, **dict(error.details)})
    return record
