"""What makes a page an archival document: metadata, output intent, associated files (PDF/A-3b)."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from etitle.certificate.dates import CHINA
from etitle.page.icc import NAME, srgb
from etitle.page.writer import Writer
from etitle.pdf import OPENING_NAME, TOKEN_NAME, date_string, stream, text_string

PRODUCER: Final = "etitle"

"""Names of the associated files (docs/spec clause 9.5)."""

_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def write_info(writer: Writer, title: str) -> int:
    """The information dictionary, equal to the metadata; its number."""
    return writer.add(b"<< /Title %b /Producer %b >>" % (text_string(title), text_string(PRODUCER)))


def write_metadata(writer: Writer, title: str) -> int:
    """The XMP packet; its number."""
    packet = _XMP.format(title=escape(title), producer=PRODUCER).encode()
    return writer.add(stream(b"/Type /Metadata /Subtype /XML", packet, deflate=False))


@cache
def _profile() -> bytes:
    return stream(b"/N 3", srgb())


def write_intent(writer: Writer) -> int:
    """The output intent, sRGB; its number."""
    profile = writer.add(_profile())
    name = NAME.encode()
    return writer.add(
        b"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (%b)\n"
        b"/RegistryName (http://www.color.org) /Info (%b) /DestOutputProfile %d 0 R >>"
        % (name, name, profile)
    )


def write_files(
    writer: Writer, token: bytes, opening: str | None, issued: datetime.date
) -> list[tuple[str, int]]:
    """The associated files (docs/spec clause 9.5).

    Args:
        writer: collects their objects.
        token: a tagged COSE_Sign1.
        opening: 17 characters, or None.
        issued: the day that the files are dated, China's midnight.

    Returns:
        Name and number of each file specification, in the order of their names.
    """
    midnight = datetime.datetime.combine(issued, datetime.time(), CHINA)
    date = date_string(int(midnight.timestamp()))
    files = [(TOKEN_NAME, b"application#2Fcose", b"Data", "签名载荷", token)]
    if opening is not None:
        files.insert(0, (OPENING_NAME, b"text#2Fplain", b"Supplement", "核验码", opening.encode()))
    written: list[tuple[str, int]] = []
    for name, kind, relationship, about, data in files:
        file = writer.add(
            stream(
                b"/Type /EmbeddedFile /Subtype /%b /Params << /Size %d /ModDate %b >>"
                % (kind, len(data), date),
                data,
                deflate=False,
            )
        )
        specification = writer.add(
            b"<< /Type /Filespec /F (%b) /UF (%b) /AFRelationship /%b /Desc %b\n"
            b"/EF << /F %d 0 R /UF %d 0 R >> >>"
            % (name.encode(), name.encode(), relationship, text_string(about), file, file)
        )
        written.append((name, specification))
    return written
