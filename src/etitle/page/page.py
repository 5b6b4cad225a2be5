"""Certificate -> a page that lacks only its signature (docs/spec clauses 9.1, 9.5, 9.6).

What is the same on every page of a template (border, watermark, seal, labels and their font) is
made once; a page adds its values, their font, the photo and the QR code.
"""

from __future__ import annotations

from typing import Final

from etitle.certificate.commitment import format_opener
from etitle.certificate.identity import Profile
from etitle.certificate.model import Certificate
from etitle.certificate.photo import Photo
from etitle.errors import IssueError
from etitle.page.background import background_of
from etitle.page.content import PageContent
from etitle.page.fields import field_values
from etitle.page.font import FontChain
from etitle.page.layout import HEIGHT, WIDTH, Modules, fit_layout
from etitle.page.pdfa import write_files, write_info, write_intent, write_metadata
from etitle.page.structtree import FIELD_KEY, PAGE_KEY, StructureTree
from etitle.page.template import EXAMPLE, Template
from etitle.page.writer import Writer
from etitle.pdf import SIGNATURE, Unsigned, number, stream, text_string

FIELD_NAME: Final = "seal"
"""/T of the signature field."""


def make_page(  # noqa: PLR0913  # everything that a page shows, nothing ambient
    certificate: Certificate,
    *,
    template: Template,
    symbol: Modules,
    token: bytes,
    opener: bytes | None,
    photo: Photo | None,
    url: str,
    example: bool,
    fonts: FontChain,
) -> Unsigned:
    """Lay out a certificate; the same arguments give the same bytes.

    Args:
        certificate: what the token says.
        template: layout, words, colours, seal text.
        symbol: the QR code of the code text (``draw_symbol``).
        token: the tagged COSE_Sign1 (docs/spec clause 4.1), attached as ``token.cose``.
        opener: 10 bytes with the profile masked, else None.
        photo: None for an old record without one; the page then says so.
        url: 证书网址 as it is printed.
        example: whether the keys are examples: the page and the seal then say 样例.
        fonts: where characters are looked for.

    Raises:
        IssueError: ``page.template_example`` for a template of a fictional authority under real
            keys, ``page.template_real`` for a real one under example keys,
            ``page.opener_disagrees`` where opener and profile don't fit, ``page.too_long``
            where the texts leave no room at the template's least size, ``page.glyph_missing``.
    """
    if template.example and not example:
        raise IssueError("page.template_example", name=template.name)
    if example and not template.example:
        raise IssueError("page.template_real", name=template.name)
    identity = certificate.identity
    masked = identity is not None and identity.profile is Profile.MASKED
    if masked != (opener is not None):
        raise IssueError("page.opener_disagrees")
    printed = None if opener is None else format_opener(opener)
    values = field_values(certificate, url)
    layout = fit_layout(template, fonts, values, symbol)
    background = background_of(template, fonts, example)

    writer = Writer()
    page, pages, field = writer.reserve(), writer.reserve(), writer.reserve()
    content = PageContent(background, template, fonts, StructureTree(writer, page))
    content.begin()
    content.photo(photo, layout)
    content.table(layout)
    seal_box = content.foot(layout)
    form = content.tree.open(
        b"Form",
        content.tree.document,
        b" /Alt " + text_string(_seal_words(template, example=example)),
    )
    content.tree.own_field(form, field)
    content.code(symbol, layout, printed)
    content.end(example=example)

    seal = writer.add(background.seal)
    writer.put(
        field,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%b) /TU %b /F 132 /Rect [%b]\n"
        b"/P %d 0 R /V %d 0 R /StructParent %d /AP << /N %d 0 R >> >>"
        % (
            FIELD_NAME.encode(),
            text_string(_seal_words(template, example=example)),
            b" ".join(map(number, seal_box)),
            page,
            SIGNATURE,
            FIELD_KEY,
            seal,
        ),
    )
    objects = b"/G %d 0 R" % writer.add(background.form)
    if photo is not None:
        objects += b" /P %d 0 R" % writer.add(_image(photo))
    resources = b"<< /Font << /L %d 0 R /V %d 0 R >> /XObject << %b >> >>" % (
        background.font.write(writer),
        content.values.embed().write(writer),
        objects,
    )
    contents = writer.add(stream(b"", b"\n".join(content.parts)))
    writer.put(
        page,
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %b %b] /Tabs /S /StructParents %d\n"
        b"/Resources %b\n/Contents %d 0 R /Annots [%d 0 R] >>"
        % (pages, number(WIDTH), number(HEIGHT), PAGE_KEY, resources, contents, field),
    )
    writer.put(pages, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % page)
    files = write_files(
        writer, token, None if printed is None else printed.replace("-", ""), certificate.issued
    )
    catalog = (
        b"/Type /Catalog /Pages %d 0 R /Lang (zh-CN) /MarkInfo << /Marked true >>\n"
        b"/StructTreeRoot %d 0 R /ViewerPreferences << /DisplayDocTitle true >>\n"
        b"/Metadata %d 0 R /OutputIntents [%d 0 R]\n/AF [%b]\n"
        b"/Names << /EmbeddedFiles << /Names [%b] >> >>\n"
        b"/AcroForm << /Fields [%d 0 R] /SigFlags 3 >> /Perms << /DocMDP %d 0 R >>"
    ) % (
        pages,
        content.tree.finish(),
        write_metadata(writer, template.title),
        write_intent(writer),
        b" ".join(b"%d 0 R" % number for _, number in files),
        b" ".join(b"(%b) %d 0 R" % (name.encode(), number) for name, number in files),
        field,
        SIGNATURE,
    )
    return writer.finish(catalog=catalog, info=write_info(writer, template.title))


def _seal_words(template: Template, *, example: bool) -> str:
    seal = template.seal
    mark = f"（{EXAMPLE}）" if example else ""
    return f"{seal.authority}{seal.name}{seal.number}{mark}"


def _image(photo: Photo) -> bytes:
    space = b"/DeviceRGB" if photo.channels == 3 else b"/DeviceGray"  # noqa: PLR2004  # RGB
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8" % (
        photo.width_px,
        photo.height_px,
    )
    entries += b" /ColorSpace " + space
    if photo.encoding == "jpeg":
        entries += b" /Filter /DCTDecode"
    else:
        entries += (
            b" /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors %d"
            b" /BitsPerComponent 8 /Columns %d >>" % (photo.channels, photo.width_px)
        )
    return stream(entries, photo.data, deflate=False)
