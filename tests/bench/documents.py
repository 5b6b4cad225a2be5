"""Verifying documents, against pyHanko on the same files and against two bare signature checks."""

from __future__ import annotations

import io
from dataclasses import replace

from asn1crypto.x509 import Certificate as Asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.authority import AT, AT_S
from tests.bench.measure import Row, pair_us, row
from tests.forge import OPENER, masked, office
from tests.population import certificates
from tests.portrait import draw_portrait

from etitle.certificate.photo import read_photo
from etitle.keys.seal import document_signer, make_seal
from etitle.keys.signer import SoftSigner
from etitle.pdf.font import FontChain, installed_sources
from etitle.pdf.page import make_page
from etitle.pdf.sign import sign_document
from etitle.pdf.template import shipped_template
from etitle.token import frame
from etitle.token.draw import draw_symbol
from etitle.verdict import Summary
from etitle.verify.document import verify_document

COUNT = 200


def documents() -> list[bytes]:
    """B-B documents of one template, each of another certificate."""
    seal = make_seal(document_signer(SoftSigner(BY.seal.key)), x509_chain=(BY.seal.der,))  # type: ignore[arg-type]
    template, fonts = shipped_template("sample"), FontChain(installed_sources())
    photo = read_photo(draw_portrait(quality=90))
    made = []
    for index in range(COUNT):
        certificate = replace(BY.certificate, index=index)
        unsigned = make_page(
            certificate,
            template=template,
            symbol=draw_symbol(BY.world.code(certificate)),
            token=frame.sign(certificate, signer=BY.world.token_signer).to_bytes(),
            opener=OPENER,
            photo=photo,
            url="https://zc.sample.cn/c/1",
            example=True,
            fonts=fonts,
        )
        made.append(sign_document(unsigned, seal=seal, signing_time_s=AT_S))
    return made


BY = office(masked(certificates(1)[0]))
TRUST, LISTS = BY.world.trust, BY.world.lists


def ours(pdf: bytes) -> None:
    verdict = verify_document(pdf, trust=TRUST, lists=LISTS, at=AT)
    assert verdict.summary is Summary.VALID


def pyhanko(pdf: bytes) -> None:
    context = ValidationContext(
        trust_roots=[Asn1.load(BY.root.der)], moment=AT, allow_fetching=False
    )
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(signature, context)
    assert status.intact
    assert status.valid


def rows() -> list[Row]:
    """CPU of one document: ours with token and list, pyHanko's of the signature alone."""
    made = documents()
    subject, rival = pair_us(ours, pyhanko, made)
    return [
        row("verify a document, B-B, with token and list", subject, "us"),
        row("the same file's signature by pyHanko, in ours", rival, "us", subject),
    ]
