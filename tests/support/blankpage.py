"""The least document that clause 9 allows: one blank page with an unsigned signature field."""

from __future__ import annotations

from etitle.page.writer import Writer
from etitle.pdf import SIGNATURE, Unsigned, stream, text_string


def blank(title: str = "样例") -> Unsigned:
    """A page without content, tags or attachments; for tests of signing and writing alone."""
    writer = Writer()
    page, pages, field = writer.reserve(), writer.reserve(), writer.reserve()
    seal = writer.add(
        stream(b"/Type /XObject /Subtype /Form /BBox [0 0 120 120]", b"1 0 0 RG 5 5 110 110 re S")
    )
    writer.put(
        field,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (seal) /F 132 /Rect [400 80 520 200]\n"
        b"/P %d 0 R /V %d 0 R /AP << /N %d 0 R >> >>" % (page, SIGNATURE, seal),
    )
    writer.put(
        page,
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Resources << >>\n"
        b"/Annots [%d 0 R] >>" % (pages, field),
    )
    writer.put(pages, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % page)
    info = writer.add(b"<< /Title %b >>" % text_string(title))
    catalog = (
        b"/Type /Catalog /Pages %d 0 R /Lang (zh-CN)\n"
        b"/AcroForm << /Fields [%d 0 R] /SigFlags 3 >>\n"
        b"/Perms << /DocMDP %d 0 R >>" % (pages, field, SIGNATURE)
    )
    return writer.finish(catalog=catalog, info=info)
