"""Whatever the strict reader calls authentic, pyHanko calls intact, valid and whole."""

from __future__ import annotations

import io

import pytest
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.authority import AT, AT_S
from tests.forge import Office, masked, office, stamped
from tests.population import certificates
from tests.sealing import signer_of
from tests.sheet import blank
from tests.x509 import Maker

from etitle.keys.seal import make_seal
from etitle.pdf.hole import find_hole
from etitle.pdf.sign import sign_document
from etitle.pdf.slow import read_slowly
from etitle.pdf.structure import read_strict
from etitle.verdict import CheckId, Outcome, Summary
from etitle.verify.document import verify_document

SEALED = masked(certificates(1)[0])
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)
KINDS = ("p256", "ed25519", "rsa3072", "mldsa65")


def agrees(pdf: bytes, by: Office) -> None:
    context = ValidationContext(
        trust_roots=[Certificate.load(by.root.der)], moment=AT, allow_fetching=False
    )
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(signature, context)
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level is MDPPerm.NO_CHANGES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chain", [False, True])
@pytest.mark.parametrize("time", [False, True])
def test_pyhanko_agrees(kind: str, chain: bool, time: bool) -> None:
    by = office(SEALED, kind=kind)
    pdf = by.signed(
        chain=(by.root.der,) if chain else (), stamp=stamped(TSA, AT_S) if time else None
    )
    verdict = verify_document(pdf, trust=by.world.trust, lists=by.world.lists, at=AT)
    assert verdict.summary is Summary.VALID
    agrees(pdf, by)


@pytest.mark.parametrize("kind", KINDS)
def test_both_readers_find_the_same(kind: str) -> None:
    by = office(SEALED, kind=kind)
    pdf = by.document()
    hole = find_hole(pdf)
    assert read_slowly(pdf, hole, seal=by.seal.der) == read_strict(pdf, hole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chain", [False, True])
def test_what_the_program_signs_passes_the_strict_reader(kind: str, chain: bool) -> None:
    by = office(SEALED, kind=kind)
    signer = signer_of(by.seal.key)
    x509_chain = (by.seal.der, by.root.der) if chain else (by.seal.der,)
    seal = make_seal(signer, x509_chain=x509_chain)
    pdf = sign_document(blank(), seal=seal, signing_time_s=AT_S)
    verdict = verify_document(pdf, trust=by.world.trust, lists=by.world.lists, at=AT)
    passed = {check.id for check in verdict.checks if check.outcome is Outcome.PASS}
    assert {CheckId.WHOLE, CheckId.SEAL, CheckId.IMPRINT} <= passed
    assert read_strict(pdf, find_hole(pdf)).token is None
    agrees(pdf, by)
