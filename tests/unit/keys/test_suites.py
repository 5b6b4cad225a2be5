"""Documents of every suite (docs/spec clause 9.4), ML-DSA-65 where it is at hand and where not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.authority import AT, AT_S
from tests.support.forge import Office, masked, office, public_of, stamped
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.withoutmldsa import lacking_mldsa
from tests.support.x509 import Maker, new_key

from etitle.verdict import Authenticity, CheckId, Reason, Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.question import Question

ONE = certificates(1)[0]
OURS = office(masked(ONE))
LATTICE = office(masked(ONE), kind="mldsa65")


def verify(pdf: bytes, by: Office) -> Verdict:
    return verify_document(
        pdf, Question(trust=by.world.trust, lists=by.world.lists, at=AT, policy=EXAMPLES)
    )


def lacking(pdf: bytes, by: Office = LATTICE) -> Verdict:
    """The verdict of an installation whose cryptography has no ML-DSA."""
    with lacking_mldsa():
        return verify(pdf, by)


def reason(verdict: Verdict, check: CheckId) -> Reason:
    (found,) = (one for one in verdict.checks if one.id is check)
    return found.reason


@pytest.mark.parametrize("kind", ["p256", "ed25519", "rsa3072", "rsa4096", "mldsa65"])
def test_each_suite_of_seals_is_valid(kind: str) -> None:
    by = office(masked(ONE), kind=kind)
    assert verify(by.document(), by).summary is Summary.VALID


def changed_signature(by: Office) -> bytes:
    """A document with one bit of its signature changed."""
    cms = replace(by.cms, finish=lambda made: made[:-9] + bytes((made[-9] ^ 1,)) + made[-8:])
    return by.pdf.make(cms)


def test_a_changed_ml_dsa_signature_is_refuted_where_it_can_be_verified() -> None:
    assert reason(verify(changed_signature(LATTICE), LATTICE), CheckId.DOCUMENT_SIGNATURE) is (
        Reason.SIGNATURE_BAD
    )
    # Where it can't be, right and wrong look alike, and neither is said.
    verdict = lacking(changed_signature(LATTICE))
    assert reason(verdict, CheckId.DOCUMENT_SIGNATURE) is Reason.ALGORITHM_MISSING
    assert verdict.authenticity is Authenticity.UNKNOWN


def test_an_ml_dsa_certificate_beside_it_does_not_excuse_a_bad_p256_signature() -> None:
    """Where ML-DSA is missing, whoever changed a document must not hide behind that."""
    made = changed_signature(OURS)
    assert reason(lacking(made, OURS), CheckId.DOCUMENT_SIGNATURE) is Reason.SIGNATURE_BAD
    tsa = Maker.root("样例时间戳根", kind="mldsa65").leaf("样例时间戳", timestamps=True)
    pdf = OURS.signed(stamp=stamped(tsa, AT_S), digest=bytes(32))
    assert reason(lacking(pdf, OURS), CheckId.DOCUMENT_SIGNATURE) is Reason.SIGNATURE_BAD


def test_a_changed_document_is_refuted_without_ml_dsa_too() -> None:
    verdict = lacking(LATTICE.signed(digest=bytes(64)))
    assert reason(verdict, CheckId.DOCUMENT_SIGNATURE) is Reason.SIGNATURE_BAD
    assert verdict.summary is Summary.INVALID


@pytest.mark.parametrize("kind", ["p256", "mldsa65"])
def test_an_ml_dsa_root_above_a_seal_is_unknown_or_valid_never_refuted(kind: str) -> None:
    root = Maker.root("样例根证书", kind="mldsa65")
    seal = root.leaf("样例职称专用章", key=new_key(kind))
    by = replace(LATTICE, root=root, seal=seal)
    keys = tuple(
        replace(key, public=public_of(seal.key), x509=seal.der)
        if key.x509 == LATTICE.seal.der
        else key
        for key in LATTICE.world.bundle.keys
    )
    by = replace(by, world=LATTICE.world.with_bundle(keys=keys))
    pdf = by.signed(chain=(root.der,))
    assert verify(pdf, by).summary is Summary.VALID
    assert reason(lacking(pdf, by), CheckId.DOCUMENT_SIGNATURE) is Reason.ALGORITHM_MISSING
    other = Maker.root("样例根证书", kind="mldsa65")
    assert reason(verify(by.signed(chain=(other.der,)), by), CheckId.DOCUMENT_SIGNATURE) is (
        Reason.CMS_MALFORMED
    )
    plain = by.document()  # without its chain a P-256 seal needs no ML-DSA
    expected = Reason.ALGORITHM_MISSING if kind == "mldsa65" else Reason.OK
    assert reason(lacking(plain, by), CheckId.DOCUMENT_SIGNATURE) is expected


def test_a_seal_is_of_the_algorithm_that_its_signature_names() -> None:
    """A P-256 certificate under ML-DSA's name, and the other way round."""
    honest = LATTICE.cms.maker
    for key, by in ((OURS.seal.key, LATTICE), (LATTICE.seal.key, OURS)):
        maker = replace(honest, key=key, x509=by.seal.x509)
        verdict = verify(by.signed(maker=maker), by)
        assert reason(verdict, CheckId.DOCUMENT_SIGNATURE) is Reason.SIGNATURE_BAD


def test_a_stamp_by_ml_dsa_is_unknown_where_it_can_not_be_verified() -> None:
    tsa = Maker.root("样例时间戳根", kind="mldsa65").leaf(
        "样例时间戳", key=new_key("mldsa65"), timestamps=True
    )
    pdf = OURS.signed(stamp=stamped(tsa, AT_S))
    assert reason(lacking(pdf, OURS), CheckId.DOCUMENT_SIGNATURE) is Reason.ALGORITHM_MISSING
