"""Documents that chance changed: by a stranger, and under the seal against pyHanko (clause 9).

The seeds are fixed.  Longer campaigns take another number of trials:
``ETITLE_TRIALS=20000 pytest tests/property/test_mutated.py``.
"""

from __future__ import annotations

import io
import os
import random
from dataclasses import replace
from typing import Any, Final

import pytest
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.support.authority import AT, AT_S
from tests.support.forge import masked, office, stamped
from tests.support.mutations import change, damage, take_apart
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.realdocument import genuine
from tests.support.x509 import Maker
from tests.vectors.make.papers import settled

from etitle.errors import DecodeError
from etitle.pades import structure
from etitle.pades.byterange import ByteRange, find_byte_range
from etitle.pades.structure import DocumentContent, read_strict
from etitle.verdict import Judged, Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.question import Question

TRIALS: Final = int(os.environ.get("ETITLE_TRIALS", "300"))
OURS = replace(office(masked(certificates(1)[0])), signing=settled)
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)
BASES: Final = {
    "small": OURS.document(),
    "real": genuine(OURS),
    "stamped": OURS.signed(chain=(OURS.root.der,), stamp=stamped(TSA, AT_S, signing=settled)),
}
ROOT: Final = Certificate.load(OURS.root.der)


def verify(pdf: bytes) -> Verdict:
    return verify_document(
        pdf, Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    )


def attached(listed: list[Any]) -> dict[str, bytes]:
    """Name and content of file specifications."""
    return {str(one["/UF"]): bytes(one["/EF"]["/F"].data) for one in listed}


def items(array: Any) -> list[Any]:  # noqa: ANN401  # untyped
    """An array's items; asked by place, for only so pyHanko follows references."""
    return [array[place] for place in range(len(array))]


def agrees(pdf: bytes, sheet: DocumentContent) -> None:
    """PyHanko sees one signature over the whole file, P=1, one revision, and the same files."""
    reader: Any = PdfFileReader(io.BytesIO(pdf))
    (signature,) = reader.embedded_signatures
    context = ValidationContext(trust_roots=[ROOT], moment=AT, allow_fetching=False)
    status = validate_pdf_signature(signature, context)
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert reader.total_revisions == 1
    files = {} if sheet.token is None else {"token.cose": sheet.token}
    files |= {} if sheet.opening is None else {"opening.txt": sheet.opening}
    root = reader.root
    assert attached(items(root.get("/AF", []))) == files
    names = items(root["/Names"]["/EmbeddedFiles"]["/Names"] if "/Names" in root else [])
    assert [str(name) for name in names[::2]] == [*attached(names[1::2])]
    assert attached(names[1::2]) == files
    pages = items(root["/Pages"]["/Kids"])
    assert sum(len(page.get("/Annots", ())) for page in pages) == 1


@pytest.mark.parametrize("name", ["small", "real"])
def test_what_is_read_fast_under_the_seal_other_readers_see_alike(name: str) -> None:
    rng = random.Random(2026)
    parts = take_apart(BASES[name])
    read = 0
    for _ in range(TRIALS):
        pdf = change(parts, rng).sealed(OURS.cms)
        if pdf is None:
            continue
        verify(pdf)  # whatever it says, it says it
        try:
            sheet = read_strict(pdf, find_byte_range(pdf))
        except DecodeError:
            continue
        agrees(pdf, sheet)
        read += 1
    assert read > TRIALS // 12


BLANK: Final = b"\0\t\n\f\r "
"""What may follow a document (clause 9.7.3)."""


@pytest.mark.parametrize("name", BASES)
def test_no_damage_by_a_stranger_is_valid_or_so_much_as_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(2026)
    base = BASES[name]
    reached: list[bytes] = []

    def spy(pdf: bytes, hole: ByteRange) -> DocumentContent:
        reached.append(pdf)
        return read_strict(pdf, hole)

    monkeypatch.setattr(structure, "read_strict", spy)
    assert verify(base).summary is Summary.VALID
    for trial in range(TRIALS):
        pdf = damage(base, rng)
        while rng.random() < 0.4:
            pdf = damage(pdf, rng)
        if trial % 7 == 0:  # as if unsigned
            for trace in (b"/ByteRange", b"/DocMDP", b"/ETSI.", b"/SubFilter", b"/SigFlags"):
                pdf = pdf.replace(trace, b"/X")
        verdict = verify(pdf)
        if pdf.rstrip(BLANK) != base.rstrip(BLANK):
            # Without a trace of its signature a file is judged by its code, and says so (9.9).
            assert verdict.summary is not Summary.VALID or verdict.judged is Judged.CODE
    assert {pdf.rstrip(BLANK) for pdf in reached} == {base.rstrip(BLANK)}
