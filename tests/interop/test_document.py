"""Whatever the strict reader calls authentic, pyHanko calls intact, valid and whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.authority import AT, AT_S
from tests.support.blankpage import blank
from tests.support.forge import Office, masked, office, stamped
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.seals import signer_of
from tests.support.validators import Panel
from tests.support.x509 import Maker

from etitle.keys.seal import make_seal
from etitle.pades.byterange import find_byte_range
from etitle.pades.general import read_general
from etitle.pades.sign import sign_document
from etitle.pades.structure import read_strict
from etitle.verdict import CheckId, Outcome, Summary
from etitle.verify.document import verify_document
from etitle.verify.question import Question

SEALED = masked(certificates(1)[0])
TSA_ROOT = Maker.root("样例时间戳根")
TSA = TSA_ROOT.leaf("样例时间戳", timestamps=True)
KINDS = ("p256", "ed25519", "rsa3072", "mldsa65")


def agrees(pdf: bytes, by: Office, folder: Path) -> None:
    opinion = Panel(folder, (by.root,), (TSA_ROOT,), at=AT).pyhanko(pdf)
    assert opinion.accepted, opinion.said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chain", [False, True])
@pytest.mark.parametrize("time", [False, True])
def test_pyhanko_agrees(kind: str, chain: bool, time: bool, tmp_path: Path) -> None:
    by = office(SEALED, kind=kind)
    pdf = by.signed(
        chain=(by.root.der,) if chain else (), stamp=stamped(TSA, AT_S) if time else None
    )
    verdict = verify_document(
        pdf, Question(trust=by.world.trust, lists=by.world.lists, at=AT, policy=EXAMPLES)
    )
    assert verdict.summary is Summary.VALID
    agrees(pdf, by, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_both_readers_find_the_same(kind: str) -> None:
    by = office(SEALED, kind=kind)
    pdf = by.document()
    hole = find_byte_range(pdf)
    assert read_general(pdf, hole, seal=by.seal.der) == read_strict(pdf, hole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chain", [False, True])
def test_what_the_program_signs_passes_the_strict_reader(
    kind: str, chain: bool, tmp_path: Path
) -> None:
    by = office(SEALED, kind=kind)
    signer = signer_of(by.seal.key)
    x509_chain = (by.seal.der, by.root.der) if chain else (by.seal.der,)
    seal = make_seal(signer, x509_chain=x509_chain)
    pdf = sign_document(blank(), seal=seal, signing_time_s=AT_S)
    verdict = verify_document(
        pdf, Question(trust=by.world.trust, lists=by.world.lists, at=AT, policy=EXAMPLES)
    )
    passed = {check.id for check in verdict.checks if check.outcome is Outcome.PASS}
    assert {CheckId.BYTE_RANGE, CheckId.SIGNER_CERTIFICATE, CheckId.DOCUMENT_SIGNATURE} <= passed
    assert read_strict(pdf, find_byte_range(pdf)).token is None
    agrees(pdf, by, tmp_path)
