"""A signed certificate becomes a sealed document (docs/spec clause 9)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from etitle import cose
from etitle.certificate import payload as payload_codec
from etitle.certificate.commitment import OPENING_BYTES, format_opening
from etitle.certificate.dates import china_day
from etitle.certificate.identity import Profile
from etitle.certificate.model import Certificate
from etitle.certificate.photo import Photo
from etitle.errors import EtitleError, IssueError
from etitle.keys.public import PublicKey
from etitle.keys.seal import Seal
from etitle.pades.byterange import find_byte_range
from etitle.pades.dss import ValidationData
from etitle.pades.sign import REASON, TimestampAuthority, sign_document
from etitle.pades.structure import read_strict
from etitle.page.background import background_of
from etitle.page.font import FontChain
from etitle.page.page import make_page
from etitle.page.template import Template
from etitle.pdf import Unsigned
from etitle.token import frame, text
from etitle.token.draw import Symbol, draw_symbol
from etitle.trust.anchors import Anchor, Lists, Trust
from etitle.trust.bundle import url_for
from etitle.trust.published import Bundle, KeyState, KeyUse, PublishedKey
from etitle.trust.rescue import Rescue
from etitle.verdict import DOCUMENT_DEMANDS, Axis, CheckId, Outcome, Verdict
from etitle.verify.document import verify_document
from etitle.verify.question import Question

MAX_DOCUMENT_BYTES: Final = 1 << 24
"""Bytes of one of our documents: a page with the largest photo and the longest chain has 1 MiB."""

_SLACK_BYTES: Final = 8
"""By which a frame may outgrow its trial: another number deflates otherwise."""


Judge: TypeAlias = Callable[[bytes, int], Verdict]
"""Judges a document at a time, seconds since 1970 UTC, as an employer does."""


def judge_by(bundle: Bundle, rescues: Iterable[Rescue] = ()) -> Judge:
    """The judge who has an authority's bundle and rescue lists, and no status list."""
    trust = Trust((Anchor(bundle, tuple(rescues), 0),))

    def judge(pdf: bytes, at_s: int) -> Verdict:
        at = datetime.datetime.fromtimestamp(at_s, datetime.UTC)
        return verify_document(pdf, Question(trust=trust, lists=Lists(), at=at))

    return judge


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMaker:
    """What pages are laid out with, for any number of certificates; ``open`` makes it.

    Attributes:
        template: layout, words, seal text.
        fonts: where characters are looked for.
        bundle: in force; its kind of keys, real or example, is the template's.
        code_base: ``https://<host>`` of scanned codes.
    """

    template: Template
    fonts: FontChain
    bundle: Bundle
    code_base: str

    @classmethod
    def open(
        cls, *, template: Template, fonts: FontChain, bundle: Bundle, code_base: str
    ) -> PageMaker:
        """A page maker whose template suits the bundle and whose fonts have the template's words.

        Raises:
            IssueError: ``page.template_example`` or ``page.template_real``, or
                ``page.glyph_missing`` for the template's own words.
        """
        if template.example != bundle.example:
            code = "page.template_example" if template.example else "page.template_real"
            raise IssueError(code, name=template.name)
        background_of(template, fonts, bundle.example)
        return cls(template=template, fonts=fonts, bundle=bundle, code_base=code_base)

    def try_out(
        self, certificate: Certificate, work_unit: str | None = None, *, key: PublicKey
    ) -> None:
        """See that a page can be made, before a number is given and anything is signed.

        Args:
            certificate: with the longest number and index that it may get.
            work_unit: 工作单位, as ``lay_out`` will get it.
            key: what its token will be signed with.

        Raises:
            IssueError: ``page.glyph_missing`` or ``page.too_long``.
        """
        payload = payload_codec.encode(certificate)
        protected = cose.protected_header(key.suite, key.kid)
        unsigned = bytes(key.suite.signature_bytes)
        token = cose.Sign1(key.suite, key.kid, None, protected, payload, unsigned)
        symbol = _symbol_of(len(frame.pack(token)) + _SLACK_BYTES, self.code_base)
        identity = certificate.identity
        masked = identity is not None and identity.profile is Profile.MASKED
        opening = bytes(OPENING_BYTES) if masked else None
        self._page(certificate, symbol, token.to_bytes(), opening, None, work_unit)

    def lay_out(
        self,
        code_text: str,
        *,
        opening: str | bytes | None,
        photo: Photo | None,
        work_unit: str | None = None,
    ) -> Unsigned:
        """The page of a signed certificate.

        Args:
            code_text: the text of its QR code.
            opening: 10 bytes or their text (profile masked), else None.
            photo: None for a certificate without one.
            work_unit: 工作单位; printed where the template places it, in no token.

        Raises:
            IssueError: those of ``make_page``.
        """
        token = frame.unpack(text.to_frame(code_text))
        certificate = payload_codec.decode(token.payload)
        symbol = draw_symbol(code_text)
        return self._page(certificate, symbol, token.to_bytes(), opening, photo, work_unit)

    def _page(  # noqa: PLR0913, PLR0917  # what a page is made of
        self,
        certificate: Certificate,
        symbol: Symbol,
        token: bytes,
        opening: str | bytes | None,
        photo: Photo | None,
        work_unit: str | None,
    ) -> Unsigned:
        return make_page(
            certificate,
            template=self.template,
            symbol=symbol,
            token=token,
            opening=opening,
            photo=photo,
            url=certificate.url or url_for(self.bundle, certificate.number),
            example=self.bundle.example,
            fonts=self.fonts,
            work_unit=work_unit,
        )


@lru_cache(maxsize=128)
def _symbol_of(frame_bytes: int, code_base: str) -> Symbol:
    """A symbol as large as a frame of so many bytes needs: all that a trial has to know of one."""
    return draw_symbol(text.to_url(b"\xff" * frame_bytes, base=code_base))


def key_of(seal: Seal, bundle: Bundle, *, at_s: int) -> PublishedKey:
    """The bundle's key whose X.509 certificate a seal carries.

    Raises:
        IssueError: ``issue.seal_not_in_bundle``, ``issue.key_not_active`` or
            ``issue.seal_outside_window``: no verifier would accept what it signs now.
    """
    for key in bundle.keys:
        if key.x509 == seal.x509_chain[0] and KeyUse.DOCUMENT in key.uses:
            if key.state is not KeyState.ACTIVE:
                raise IssueError("issue.key_not_active", kid=key.public.kid.hex())
            in_x509 = seal.not_before_s <= at_s <= seal.not_after_s
            if not in_x509 or not key.covers(china_day(at_s)):
                raise IssueError("issue.seal_outside_window", name=seal.name)
            return key
    raise IssueError("issue.seal_not_in_bundle", name=seal.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMaker:
    """Makes documents: pages, seal, time-stamps, and the check that each must pass.

    Attributes:
        pages: lays pages out, by the bundle in force.
        seal: signs them; its certificate is in that bundle.
        judge: judges each document as an employer does, by that bundle.
        tsa: puts a time-stamp on each (B-T).
        validation_data: goes into each (B-LT); needs time-stamps.
        reason: as viewers show it.
    """

    pages: PageMaker
    seal: Seal
    judge: Judge
    tsa: TimestampAuthority | None = None
    validation_data: ValidationData | None = None
    reason: str | None = REASON

    def demand_ready(self, *, at_s: int) -> None:
        """Refuse what would fail for every document, before a number is given.

        Args:
            at_s: the time of signing, seconds since 1970 UTC.

        Raises:
            IssueError: those of ``key_of``; ``sign.evidence_without_time``; what the first
                question to the time-stamp authority raises.
        """
        key_of(self.seal, self.pages.bundle, at_s=at_s)
        if self.validation_data is not None and self.tsa is None:
            raise IssueError("sign.evidence_without_time")
        if self.tsa is not None:
            self.tsa.room_bytes()

    def make(
        self,
        code_text: str,
        *,
        opening: str | bytes | None,
        photo: Photo | None,
        at_s: int,
        work_unit: str | None = None,
    ) -> bytes:
        """Lay out, sign and check the document of a certificate.

        Args:
            code_text: the text of its QR code.
            opening: 10 bytes or their text (profile masked), else None.
            photo: None for a certificate without one.
            at_s: the time of signing, seconds since 1970 UTC.
            work_unit: 工作单位; printed where the template places it, in no token.

        Raises:
            IssueError: ``issue.document_check``, those of ``make_page`` and of ``sign_document``.
            SignerError: the seal's own.
        """
        pdf = sign_document(
            self.pages.lay_out(code_text, opening=opening, photo=photo, work_unit=work_unit),
            seal=self.seal,
            signing_time_s=at_s,
            tsa=self.tsa,
            validation_data=self.validation_data,
            reason=self.reason,
        )
        what = document_fault(pdf, code_text, opening=opening, judge=self.judge, at_s=at_s)
        if what:
            number = payload_codec.decode(frame.unpack(text.to_frame(code_text)).payload).number
            raise IssueError("issue.document_check", number=number, what=what)
        return pdf


def document_fault(
    pdf: bytes, code_text: str, *, opening: str | bytes | None, judge: Judge, at_s: int
) -> str:
    """What is wrong with a document of a certificate; empty where nothing is.

    A faulty device, a seal that the bundle does not name, or a half-changed template must not
    produce a document that verification does not call authentic.
    """
    token = frame.unpack(text.to_frame(code_text))
    verdict = judge(pdf, at_s)
    if not verdict.demanded >= DOCUMENT_DEMANDS:
        return "no signed document"
    for check in verdict.checks:
        # An overdue bundle does not concern the document.
        counts = check.id.axis is Axis.AUTHENTICITY and check.id is not CheckId.BUNDLE
        if counts and check.outcome is not Outcome.PASS:
            return f"{check.id} {check.reason}"
    if verdict.claimed != payload_codec.decode(token.payload):
        return "certificate"
    try:
        content = read_strict(pdf, find_byte_range(pdf))
    except EtitleError as error:
        return error.code
    if content.token != token.to_bytes():
        return "token"
    printed = None if opening is None else format_opening(opening).replace("-", "").encode()
    return "" if content.opening == printed else "opening"
