"""What two viewers show differently is never VALID, though the seal signed it (clause 9.7.4)."""

from __future__ import annotations

from typing import Final

import pytest
from tests.support.authority import AT
from tests.support.forge import masked, office, stream
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle.pdf import references
from etitle.verdict import CheckId, Outcome, Summary
from etitle.verify.document import verify_document
from etitle.verify.question import Question

(ONE,) = certificates(1)
OURS: Final = office(masked(ONE))
BODIES: Final = OURS.pdf.bodies()
PAGE: Final = BODIES[4]
PAGES: Final = b"<< /Type /Pages /Kids [%b] /Count %d >>"
OTHER: Final = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Resources << >> >>"
FILE: Final = next(number for number, body in BODIES.items() if b"/Filespec" in body)
IMAGE: Final = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"


def filed(old: bytes, new: bytes) -> dict[int, bytes]:
    body = BODIES[FILE]
    assert old in body
    return {FILE: body.replace(old, new)}


def paged(old: bytes, new: bytes) -> dict[int, bytes]:
    assert old in PAGE
    return {4: PAGE.replace(old, new)}


HELD: Final = BODIES[FILE].partition(b"/EF << /F ")[2].split(b" ")[0]
SHAPES: Final[dict[str, dict[int, bytes]]] = {
    "two files": filed(b"/EF << /F", b"/EF << /UF 6 0 R /F"),
    "a file for another system": filed(b"/EF << /F", b"/EF << /Unix 6 0 R /F"),
    "a count too low": {3: PAGES % (b"4 0 R 11 0 R", 1), 11: OTHER},
    "a count too high": {3: PAGES % (b"4 0 R", 2)},
    "a negative count": {3: b"<< /Type /Pages /Kids [4 0 R] /Count -1 >>"},
    "seventeen pages": {3: PAGES % (b"4 0 R " + references(11, 16), 17)}
    | dict.fromkeys(range(11, 27), OTHER),
    "a nested tree": {3: PAGES % (b"11 0 R", 1),
                      11: b"<< /Type /Pages /Parent 3 0 R /Kids [4 0 R] /Count 1 >>"},
    "a page tree that is a stream": {3: stream(b"/Type /Pages /Kids [4 0 R] /Count 1", b"x")},
    "a page that is a stream": {4: stream(PAGE[2:-2], b"x")},
    "a page twice": {3: PAGES % (b"4 0 R 4 0 R", 2)},
    "alternates": {11: stream(IMAGE + b" /Alternates []", b"x")}
    | paged(b"/Resources << >>", b"/Resources << /XObject << /I 11 0 R >> >>"),
    "alternate images": paged(b"/Resources << >>", b"/AlternateImages [] /Resources << >>"),
    "an external stream": {6: stream(b"/F (x.bin)", b"0 0 m 9 9 l S")},
    "an external stream by a file specification": {6: stream(b"/F << /F (x) >>", b"0 0 m")},
    "another unit": paged(b"/MediaBox", b"/UserUnit 2 /MediaBox"),
    "a key twice": paged(b"/MediaBox", b"/MediaBox [0 0 9 9] /MediaBox"),
    "optional content": paged(b"/MediaBox", b"/OC 6 0 R /MediaBox"),
    "a page with a link": paged(b"/MediaBox", b"/A 6 0 R /MediaBox"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("header", [b"%PDF-1.7\n", b"%PDF-1.6\n"])
def test_what_two_viewers_show_differently_is_never_valid(name: str, header: bytes) -> None:
    pdf = OURS.document(objects=SHAPES[name], header=header + b"%\xe2\xe3\xcf\xd3\n")
    verdict = verify_document(
        pdf, Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    )
    found = {check.id: check.outcome for check in verdict.checks}
    assert found[CheckId.DOCUMENT_SIGNATURE] is Outcome.PASS
    assert found[CheckId.STRUCTURE] is Outcome.FAIL
    assert verdict.summary is Summary.INVALID
