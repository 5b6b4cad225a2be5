"""Workbooks made part by part, as no spreadsheet program would write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Final

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT: Final = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
SHEET: Final = "xl/worksheets/sheet1.xml"
STRINGS: Final = "xl/sharedStrings.xml"
STYLES: Final = "xl/styles.xml"
TYPES: Final = "[Content_Types].xml"
BOOK_RELATIONS: Final = "xl/_rels/workbook.xml.rels"


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of parts, in order; a name may come twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sheet_xml(rows: str, *, before: str = "", after: str = "", namespace: str = MAIN) -> bytes:
    """A worksheet around the rows given."""
    body = f"{before}<sheetData>{rows}</sheetData>{after}"
    return f'<worksheet xmlns="{namespace}">{body}</worksheet>'.encode()


def styles_xml(
    *xfs: str, formats: str = "", fonts: str = "<font/>", namespace: str = MAIN
) -> bytes:
    """Styles with the cell formats given, the plain one first."""
    return (
        f'<styleSheet xmlns="{namespace}"><numFmts>{formats}</numFmts><fonts>{fonts}</fonts>'
        f'<cellXfs><xf numFmtId="0"/>{"".join(xfs)}</cellXfs></styleSheet>'
    ).encode()


def strings_xml(items: str, namespace: str = MAIN) -> bytes:
    """Shared strings."""
    return f'<sst xmlns="{namespace}">{items}</sst>'.encode()


def relations_xml(*targets: tuple[str, str, str], base: str = RELATIONS) -> bytes:
    """Relationships: id, kind, target."""
    inside = "".join(
        f'<Relationship Id="{each}" Type="{base}/{kind}" Target="{target}"/>'
        for each, kind, target in targets
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'.encode()


def parts(
    sheet: bytes = b"",
    *,
    strings: bytes = b"",
    styles: bytes = b"",
    properties: str = "",
    namespace: str = MAIN,
    relations: str = RELATIONS,
    sheets: str = '<sheet name="one" sheetId="1" r:id="s1"/>',
) -> dict[str, bytes]:
    """The parts of a workbook with one sheet."""
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="text/xml"/>'
        f'<Override PartName="/xl/workbook.xml" '
        f'ContentType="{_OFFICE}.spreadsheetml.sheet.main+xml"/>'
        f'<Override PartName="/{STRINGS}" '
        f'ContentType="{_OFFICE}.spreadsheetml.sharedStrings+xml"/>'
        f'<Override PartName="/{STYLES}" ContentType="{_OFFICE}.spreadsheetml.styles+xml"/>'
        "</Types>"
    )
    book = (
        f'<workbook xmlns="{namespace}" xmlns:r="{relations}">{properties}'
        f"<sheets>{sheets}</sheets></workbook>"
    )
    return {
        TYPES: types.encode(),
        "_rels/.rels": relations_xml(("r1", "officeDocument", "xl/workbook.xml"), base=relations),
        "xl/workbook.xml": book.encode(),
        BOOK_RELATIONS: relations_xml(
            ("s1", "worksheet", "worksheets/sheet1.xml"),
            ("t1", "sharedStrings", "sharedStrings.xml"),
            ("y1", "styles", "/xl/styles.xml"),
            base=relations,
        ),
        SHEET: sheet or sheet_xml("", namespace=namespace),
        STRINGS: strings or strings_xml("", namespace),
        STYLES: styles or styles_xml(namespace=namespace),
    }


def workbook(rows: str = "", **said: str | bytes) -> bytes:
    """A workbook with the rows given; ``said`` goes to ``parts``."""
    return zipped(parts(sheet_xml(rows), **said).items())  # type: ignore[arg-type]


def changed(content: Mapping[str, bytes], **by_name: bytes) -> bytes:
    """A workbook with other parts: ``sheet``, ``strings``, ``styles``, ``types``, ``relations``."""
    names = {
        "sheet": SHEET, "strings": STRINGS, "styles": STYLES, "types": TYPES,
        "relations": BOOK_RELATIONS,
    }  # fmt: skip
    return zipped({**content, **{names[key]: part for key, part in by_name.items()}}.items())
