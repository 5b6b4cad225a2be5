"""Certificate -> a page that lacks only its signature (docs/spec clauses 9.1, 9.5, 9.6).

What every page of a template shares (border, watermark, seal, labels and their font) is made
once; a page adds its values, their font, the photo and the QR code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from etitle.certificate.commitment import format_opening
from etitle.certificate.identity import Profile
from etitle.certificate.model import Certificate
from etitle.certificate.photo import Photo
from etitle.errors import IssueError
from etitle.page.background import Background, background_of
from etitle.page.content import PageContent
from etitle.page.font import FontChain
from etitle.page.layout import Modules, fit_layout
from etitle.page.pdfa import write_files, write_info, write_intent, write_metadata
from etitle.page.structtree import FIELD_KEY, PAGE_KEY, StructureTree
from etitle.page.template import EXAMPLE, Template
from etitle.page.wording import word_page
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
    opening: str | bytes | None,
    photo: Photo | None,
    url: str,
    example: bool,
    fonts: FontChain,
    work_unit: str | None = None,
) -> Unsigned:
    """Lay out a certificate; the same arguments give the same bytes.

    Args:
        certificate: what the token says.
        template: layout, words, colours, seal text.
        symbol: the QR code of the code text (``draw_symbol``).
        token: the tagged COSE_Sign1 (docs/spec clause 4.1), attached as ``token.cose``.
        opening: 10 bytes or their text with the profile masked, else None.
        photo: None for an old record without one; the page then says so.
        url: 证书网址 as it is printed.
        example: whether the keys are examples: the page and the seal then say 样例.
        fonts: where characters are looked for.
        work_unit: 工作单位, printed where the template places it; no token carries it.

    Raises:
        IssueError: ``page.template_example`` for a template of a fictional authority under real
            keys, ``page.template_real`` for a real one under example keys,
            ``page.opening_disagrees`` where opening and profile don't fit, ``page.too_long``
            where the texts leave no room at the template's least size, ``page.glyph_missing``.
    """
    _check_kind_of_keys(template, example=example)
    identity = certificate.identity
    masked = identity is not None and identity.profile is Profile.MASKED
    if masked != (opening is not None):
        raise IssueError("page.opening_disagrees")
    printed = None if opening is None else format_opening(opening)
    background = background_of(template, fonts, example)
    wording = word_page(template, certificate, url=url, work_unit=work_unit)
    layout = fit_layout(template, fonts, wording, symbol, background.notes)

    writer = Writer()
    numbers = _Numbers(writer.reserve(), writer.reserve(), writer.reserve())
    tree = StructureTree(writer, numbers.page)
    content = PageContent(background, template, fonts, tree, layout=layout, wording=wording)
    seal_words = _seal_words(template, example=example)
    content.begin()
    content.photo(photo)
    content.table()
    seal_box = content.foot()
    form = tree.open(b"Form", tree.document, b" /Alt " + text_string(seal_words))
    tree.own_field(form, numbers.field)
    content.code(symbol, printed)
    content.end(example=example)

    _write_field(writer, numbers, seal_box, seal_words, appearance=writer.add(background.seal))
    _write_page(writer, numbers, content, background, photo)
    typed = None if printed is None else printed.replace("-", "")
    files = write_files(writer, token, typed, certificate.issued)
    catalog = _catalog(writer, numbers, tree, files, title=template.title)
    return writer.finish(catalog=catalog, info=write_info(writer, template.title))


class _Numbers(NamedTuple):
    """Numbers of the objects that others refer to before they are written."""

    page: int
    pages: int
    field: int


def _check_kind_of_keys(template: Template, *, example: bool) -> None:
    """Demand a fictional authority's template under example keys, and only there."""
    if template.example and not example:
        raise IssueError("page.template_example", name=template.name)
    if example and not template.example:
        raise IssueError("page.template_real", name=template.name)


def _write_field(
    writer: Writer, numbers: _Numbers, box: Sequence[float], words: str, *, appearance: int
) -> None:
    """The signature's field, which shows the picture of the seal."""
    writer.put(
        numbers.field,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%b) /TU %b /F 132 /Rect [%b]\n"
        b"/P %d 0 R /V %d 0 R /StructParent %d /AP << /N %d 0 R >> >>"
        % (
            FIELD_NAME.encode(),
            text_string(words),
            b" ".join(map(number, box)),
            numbers.page,
            SIGNATURE,
            FIELD_KEY,
            appearance,
        ),
    )


def _write_page(
    writer: Writer,
    numbers: _Numbers,
    content: PageContent,
    background: Background,
    photo: Photo | None,
) -> None:
    """The page with its resources and content, and the tree of this one page."""
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
        numbers.page,
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %b %b] /Tabs /S /StructParents %d\n"
        b"/Resources %b\n/Contents %d 0 R /Annots [%d 0 R] >>"
        % (
            numbers.pages,
            number(content.sheet.width),
            number(content.sheet.height),
            PAGE_KEY,
            resources,
            contents,
            numbers.field,
        ),
    )
    writer.put(numbers.pages, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % numbers.page)


def _catalog(
    writer: Writer,
    numbers: _Numbers,
    tree: StructureTree,
    files: Sequence[tuple[str, int]],
    *,
    title: str,
) -> bytes:
    """Entries of the catalog, after the objects that it alone refers to."""
    return (
        b"/Type /Catalog /Pages %d 0 R /Lang (zh-CN) /MarkInfo << /Marked true >>\n"
        b"/StructTreeRoot %d 0 R /ViewerPreferences << /DisplayDocTitle true >>\n"
        b"/Metadata %d 0 R /OutputIntents [%d 0 R]\n/AF [%b]\n"
        b"/Names << /EmbeddedFiles << /Names [%b] >> >>\n"
        b"/AcroForm << /Fields [%d 0 R] /SigFlags 3 >> /Perms << /DocMDP %d 0 R >>"
    ) % (
        numbers.pages,
        tree.finish(),
        write_metadata(writer, title),
        write_intent(writer),
        b" ".join(b"%d 0 R" % file for _, file in files),
        b" ".join(b"(%b) %d 0 R" % (name.encode(), file) for name, file in files),
        numbers.field,
        SIGNATURE,
    )


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
