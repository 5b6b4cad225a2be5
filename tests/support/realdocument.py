"""A document as it leaves the issuer: a whole page with fonts, photo, code and tags, sealed."""

from __future__ import annotations

from functools import cache

from tests.support.authority import AT_S
from tests.support.forge import OPENING, Office
from tests.support.portrait import draw_portrait

from etitle.keys.seal import document_signer, make_seal
from etitle.keys.signer import SoftSigner
from etitle.pades.sign import sign_document
from etitle.page.font import FontChain, installed_sources
from etitle.page.page import make_page
from etitle.page.template import shipped_template
from etitle.record.photorules import read_photo
from etitle.token.draw import draw_symbol


@cache
def genuine(by: Office) -> bytes:
    """The document of an office's certificate."""
    unsigned = make_page(
        by.certificate,
        template=shipped_template("sample"),
        symbol=draw_symbol(by.world.code(by.certificate)),
        token=by.token,
        opening=OPENING,
        photo=read_photo(draw_portrait()),
        url="https://zc.sample.cn/c/1",
        example=True,
        fonts=FontChain(installed_sources()),
    )
    seal = make_seal(document_signer(SoftSigner(by.seal.key)), x509_chain=(by.seal.der,))  # type: ignore[arg-type]
    return sign_document(unsigned, seal=seal, signing_time_s=AT_S)
