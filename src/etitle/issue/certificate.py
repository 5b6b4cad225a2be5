"""A record and its place become one signed certificate, checked as a verifier will check it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from etitle import cose
from etitle.certificate import payload as payload_codec
from etitle.certificate.commitment import matches
from etitle.certificate.dates import day_number
from etitle.certificate.identity import Identity, fits_mask
from etitle.certificate.model import BodyLevel, Certificate, Source
from etitle.errors import EtitleError, IssueError
from etitle.issue.issuer import Issuer
from etitle.keys.public import PublicKey
from etitle.record.record import Record, to_certificate
from etitle.token import frame, text
from etitle.trust.bundle import url_for
from etitle.trust.segments import deciding


@dataclass(frozen=True, slots=True)
class Place:
    """What a certificate is given by whoever keeps the record of all certificates.

    Attributes:
        number: 证号.
        list_id: the status list that covers it.
        index: its index in that list; given out once, even where signing fails.
        opening: the opening of its commitment (核验码): 10 random bytes, or their text in any
            spelling; None for the profiles full and none.
    """

    number: str
    list_id: int
    index: int
    opening: str | bytes | None


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A signed certificate that passed its self-check.

    Attributes:
        thumbprint: of the key that signed it, 32 bytes.
        payload: its canonical bytes.
        to_be_signed: the Sig_structure, for rescue lists (docs/spec clause 5.8).
        code_text: the text of its QR code.
    """

    thumbprint: bytes
    payload: bytes
    to_be_signed: bytes
    code_text: str


def certificate_at(  # noqa: PLR0913  # required keywords
    record: Record,
    place: Place,
    *,
    issuer: Issuer,
    issued: datetime.date,
    source: Source | None,
    body_level: BodyLevel | None,
) -> Certificate:
    """The certificate of a record at its place.

    Args:
        record: what it says.
        place: its number, list, index and opening.
        issuer: who issues.
        issued: day of issue.
        source: for a record that does not say its own.
        body_level: that of the number's segment; None where the bundle has no segments.

    Raises:
        FieldError: those of ``to_certificate``.
    """
    return to_certificate(
        record,
        profile=issuer.profile,
        opening=place.opening,
        number=place.number,
        issued=issued,
        list_id=place.list_id,
        index=place.index,
        source=source if record.source is None else None,
        body_level=body_level,
        template_url=url_for(issuer.bundle, place.number),
    )


def sign_certificate(
    certificate: Certificate, place: Place, *, issuer: Issuer, id_number: str | None
) -> SignedCertificate:
    """Sign a certificate and check what a verifier will see of it.

    Args:
        certificate: as ``certificate_at`` gives it.
        place: its place.
        issuer: who issues.
        id_number: the whole ID number, which the certificate must show or hide; None for the
            profile none.

    Raises:
        IssueError: ``issue.self_check``.
        SignerError: the signer's own.
    """
    token = frame.sign(certificate, signer=issuer.signer, authority_id=issuer.bundle.authority.id)
    code_text = text.to_url(frame.pack(token), base=issuer.code_base)
    seen = _seen(code_text, number=place.number)
    what = _fault(seen, certificate, place, issuer, id_number)
    if what:
        raise IssueError("issue.self_check", number=place.number, what=what)
    return SignedCertificate(
        issuer.key.public.thumbprint, seen.payload, _to_be_signed(seen, issuer), code_text
    )


def _to_be_signed(token: cose.Sign1, issuer: Issuer) -> bytes:
    return frame.sig_structure(token, authority_id=issuer.bundle.authority.id)


def _seen(code_text: str, *, number: str) -> cose.Sign1:
    try:
        return frame.unpack(text.to_frame(code_text))
    except EtitleError as error:
        raise IssueError("issue.self_check", number=number, what=error.code) from None


def _shows(identity: Identity, id_number: str) -> bool:
    """Whether a certificate shows this number, whole or masked.

    The commitment was made with the mask, from one number, and nobody keeps its pepper: to open it
    again would cost 64 times what issuing does.
    """
    if identity.commitment is None:
        return matches(identity, b"", id_number)
    return fits_mask(identity.kind, identity.shown, id_number)


def _fault(
    seen: cose.Sign1, certificate: Certificate, place: Place, issuer: Issuer, id_number: str | None
) -> str:
    """What is wrong with a token; empty where nothing is.

    A faulty signer, a wrong key behind a right URI, or a bundle without the number's segment must
    not produce a certificate that verification refuses.
    """
    key, day = issuer.key, day_number(certificate.issued)
    try:
        read = payload_codec.decode(seen.payload)
    except EtitleError as error:
        return error.code
    public = key.public
    if not isinstance(public, PublicKey):  # signs documents alone
        return "suite"
    signature, to_be_signed = seen.signature, _to_be_signed(seen, issuer)
    identity = read.identity
    segments = deciding(issuer.bundle.segments, read.number, day)
    holds = {
        "payload": read == certificate,
        "place": (read.number, read.list_id, read.index)
        == (place.number, place.list_id, place.index),
        "list": issuer.names_list(read.list_id),
        "suite": seen.suite is public.suite,
        "signature form": public.suite.is_canonical(signature),
        "signature": public.verify(signature, to_be_signed),
        "window": key.covers(day),
        "segment": not issuer.bundle.segments
        or any(
            (segment.body, segment.body_level) == (read.approving_body, read.body_level)
            for segment in segments
        ),
        "scope": key.may_sign(read, segments),
        "identity": identity is None or (id_number is not None and _shows(identity, id_number)),
    }
    return next((what for what, right in holds.items() if not right), "")
