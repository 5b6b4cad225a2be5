"""A certificate's page by pyHanko alone: its text, its signer; what our issuing is held against.

The plain way of its manual: a text box in the same font, subset by fontTools, the same photo, the
same QR symbol as a path, certified with P=1.  No frame, no seal, no tags, no attached files, so the
comparison flatters it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

from asn1crypto import keys, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image
from pyhanko.pdf_utils import generic, layout
from pyhanko.pdf_utils.content import RawContent, ResourceType
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.text import TextBox, TextBoxStyle
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore
from tests.support.x509 import Maker

from etitle.page.font import installed_sources
from etitle.token.draw import Symbol

_A4: Final = (0, 0, 595, 842)


def plain_issuer(seal: Maker) -> Callable[[str, bytes, Symbol], bytes]:
    """Makes signed pages of a text, a photo and a QR symbol; signer and font style are kept."""
    assert isinstance(seal.key, ec.EllipticCurvePrivateKey)
    pkcs8 = seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(seal.der),
        signing_key=keys.PrivateKeyInfo.load(pkcs8),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    (source,) = installed_sources()
    font: Any = GlyphAccumulatorFactory(str(source.path), font_size=12)
    style = TextBoxStyle(font=font, font_size=12, leading=20)
    meta = signers.PdfSignatureMetadata(
        field_name="seal",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )

    def issue(text: str, photo: bytes, symbol: Symbol) -> bytes:
        writer = PdfFileWriter()  # type: ignore[no-untyped-call]
        box = TextBox(style, writer, box=layout.BoxConstraints(width=400, height=500))
        box.content = text
        shown: bytes = box.render()  # type: ignore[no-untyped-call]
        picture = PdfImage(Image.open(io.BytesIO(photo)), writer=writer)
        page = RawContent(
            b"q 1 0 0 1 60 300 cm " + shown + b" Q q 1 0 0 1 450 600 cm "
            b"99 0 0 128 0 0 cm " + _drawn(picture, box) + b" Q " + _modules(symbol)
        )
        writer.insert_page(
            PageObject(  # type: ignore[no-untyped-call]
                contents=writer.add_object(generic.StreamObject(stream_data=page.render())),
                media_box=generic.ArrayObject(map(generic.NumberObject, _A4)),
                resources=box.resources.as_pdf_object(),
            )
        )
        signed: bytes = signers.sign_pdf(writer, meta, signer=signer).getvalue()
        return signed

    return issue


def _drawn(picture: PdfImage, box: TextBox) -> bytes:
    drawn = picture.image_ref
    box.set_resource(ResourceType.XOBJECT, generic.pdf_name("/P"), drawn)
    return b"/P Do"


def _modules(symbol: Symbol) -> bytes:
    cells = (
        b"%d %d 1 1 re" % (x, y)
        for y, row in enumerate(symbol.rows)
        for x, dark in enumerate(row)
        if dark
    )
    return b"q 1.6 0 0 -1.6 60 200 cm " + b" ".join(cells) + b" f Q"
