"""A signed certificate becomes a sealed document (docs/spec clause 9)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from etitle import cose
from etitle.certificate import payload as payload_codec
from etitle.certificate.commitment import OPENER_BYTES, format_opener
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
from etitle.trust.bundle import url_for
from etitle.trust.published import Bundle, KeyState, KeyUse, PublishedKey
from etitle.verdict import DOCUMENT_CHECKS, Axis, CheckId, Outcome, Verdict

MAX_DOCUMENT_BYTES: Final = 1 << 24
"""Bytes of a document of ours: a page with the largest photo and the longest chain has 1 MiB."""

_SLACK_BYTES: Final = 8
"""By which a frame may outgrow its trial: another number deflates otherwise."""


class PageMaker:
    """What pages are laid out with: one for a whole run.

    Args:
        template: layout, words, seal text.
        fonts: where characters are looked for.
        bundle: in force; its kind of keys, real or example, must be the template's.
        code_base: ``https://<host>`` of scanned codes.

    Raises:
        IssueError: ``page.template_example`` or ``page.template_real``, ``page.glyph_missing`` for
            the template's own words.
    """

    def __init__(
        self, *, template: Template, fonts: FontChain, bundle: Bundle, code_base: str
    ) -> None:
        if template.example != bundle.example:
            code = "page.template_example" if template.example else "page.template_real"
            raise IssueError(code, name=template.name)
        background_of(template, fonts, bundle.example)
        self._template, self._fonts = template, fonts
        self._bundle, self._code_base = bundle, code_base

    def try_out(self, certificate: Certificate, *, key: PublicKey) -> None:
        """See that a page can be made, before a number is given and anything is signed.

        Args:
            certificate: with the longest number and index that it may get.
            key: what its token will be signed with.

        Raises:
            IssueError: ``page.glyph_missing`` or ``page.too_long``.
        """
        payload = payload_codec.encode(certificate)
        protected = cose.protected_header(key.suite, key.kid)
        unsigned = bytes(key.suite.signature_bytes)
        token = cose.Sign1(key.suite, key.kid, None, protected, payload, unsigned)
        symbol = _symbol_of(len(frame.pack(token)) + _SLACK_BYTES, self._code_base)
        identity = certificate.identity
        masked = identity is not None and identity.profile is Profile.MASKED
        opener = bytes(OPENER_BYTES) if masked else None
        self._page(certificate, symbol, token.to_bytes(), opener, None)

    def lay_out(self, code_text: str, *, opener: bytes | None, photo: Photo | None) -> Unsigned:
        """The page of a signed certificate.

        Raises:
            IssueError: those of ``make_page``.
        """
        token = frame.unpack(text.to_frame(code_text))
        certificate = payload_codec.decode(token.payload)
        return self._page(certificate, draw_symbol(code_text), token.to_bytes(), opener, photo)

    def _page(
        self,
        certificate: Certificate,
        symbol: Symbol,
        token: bytes,
        opener: bytes | None,
        photo: Photo | None,
    ) -> Unsigned:
        return make_page(
            certificate,
            template=self._template,
            symbol=symbol,
            token=token,
            opener=opener,
            photo=photo,
            url=certificate.url or url_for(self._bundle, certificate.number),
            example=self._bundle.example,
            fonts=self._fonts,
        )


@lru_cache(maxsize=128)
def _symbol_of(frame_bytes: int, code_base: str) -> Symbol:
    """A symbol as large as a frame of so many bytes needs: all that a trial has to know of one."""
    return draw_symbol(text.to_url(b"\xff" * frame_bytes, base=code_base))


def key_of(seal: Seal, bundle: Bundle, *, at_s: int) -> PublishedKey:
    """The bundle's key whose X.509 certificate a seal carries.

    Raises:
        IssueError: ``issue.seal_not_in_bundle``, ``issue.key_not_active`` or
            ``issue.seal_outside_window``: no verifier would take what it signs now.
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


class DocumentMaker:
    """Makes documents: paper, seal, time-stamps, and the check that each must pass.

    Args:
        paper: lays pages out.
        seal: signs them; its certificate is in the bundle.
        bundle: in force.
        verify: judges a document as an employer does, by this authority's bundle.
        at_s: the time of signing, seconds since 1970 UTC.
        tsa: puts a time-stamp on each (B-T).
        validation_data: goes into each (B-LT); needs time-stamps.
        reason: as viewers show it.

    Raises:
        IssueError: those of ``key_of``; ``sign.evidence_without_time``; what the first question to
            the time-stamp authority raises: all of it before a number is given.
    """

    def __init__(  # noqa: PLR0913  # each by name
        self,
        *,
        paper: PageMaker,
        seal: Seal,
        bundle: Bundle,
        verify: Callable[[bytes], Verdict],
        at_s: int,
        tsa: TimestampAuthority | None = None,
        validation_data: ValidationData | None = None,
        reason: str | None = REASON,
    ) -> None:
        key_of(seal, bundle, at_s=at_s)
        if validation_data is not None and tsa is None:
            raise IssueError("sign.evidence_without_time")
        if tsa is not None:
            tsa.room_bytes()
        self._paper, self._seal = paper, seal
        self._verify, self._at_s = verify, at_s
        self._tsa, self._validation_data, self._reason = tsa, validation_data, reason

    def make(self, code_text: str, *, opener: bytes | None, photo: Photo | None) -> bytes:
        """Lay out, sign and check the document of a certificate.

        Args:
            code_text: what its QR code says.
            opener: 10 bytes (profile masked), else None.
            photo: None for a certificate without one.

        Raises:
            IssueError: ``issue.document_check``, those of ``make_page`` and of ``sign_document``.
            SignerError: the seal's own.
        """
        pdf = sign_document(
            self._paper.lay_out(code_text, opener=opener, photo=photo),
            seal=self._seal,
            signing_time_s=self._at_s,
            tsa=self._tsa,
            validation_data=self._validation_data,
            reason=self._reason,
        )
        what = fault(pdf, code_text, opener=opener, verify=self._verify)
        if what:
            number = payload_codec.decode(frame.unpack(text.to_frame(code_text)).payload).number
            raise IssueError("issue.document_check", number=number, what=what)
        return pdf


_DEMANDED: Final = frozenset({*DOCUMENT_CHECKS, CheckId.SIGNATURE} - {CheckId.ARCHIVE})
"""Checks without which a document was not judged as one."""


def fault(
    pdf: bytes, code_text: str, *, opener: bytes | None, verify: Callable[[bytes], Verdict]
) -> str:
    """What is wrong with a document of a certificate; empty where nothing is.

    A faulty device, a seal that the bundle does not name, a template changed by half: none of them
    may put a document into the world that verification will not call authentic.
    """
    token = frame.unpack(text.to_frame(code_text))
    verdict = verify(pdf)
    asked = {check.id for check in verdict.checks}
    if not asked >= _DEMANDED:
        return "no signed document"
    for check in verdict.checks:
        # Whether the next bundle is overdue says nothing of the document.
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
    printed = None if opener is None else format_opener(opener).replace("-", "").encode()
    return "" if content.opener == printed else "opener"
