"""Whether a signature verifies under a certificate: docs/spec clauses 9.3, 9.4."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from tests.support.forge import Cms
from tests.support.withoutmldsa import lacking_mldsa
from tests.support.x509 import Maker, new_key

from etitle import der
from etitle.pades.signeddata import SignedData, read_signature
from etitle.pades.verification import needs_missing_algorithm, signed_by

ROOT: Final = Maker.root("样例根证书")
KINDS: Final = {
    "ecdsa": ROOT.leaf("样例", key=new_key("p256")),
    "rsa": ROOT.leaf("样例", key=new_key("rsa2048")),
    "ed25519": ROOT.leaf("样例", key=new_key("ed25519")),
    "mldsa65": ROOT.leaf("样例", key=new_key("mldsa65")),
}
MESSAGES: Final = {kind: read_signature(Cms(own).make(b"x")) for kind, own in KINDS.items()}


def verifies(signed_data: SignedData, own: Maker, least_rsa_bits: int = 2048) -> bool:
    return signed_by(signed_data, own.der, least_rsa_bits=least_rsa_bits)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_verifies_under_its_own_certificate_alone(kind: str) -> None:
    message = MESSAGES[kind]
    assert message.kind == kind
    assert verifies(message, KINDS[kind])
    assert not verifies(replace(message, signed=message.signed + b"x"), KINDS[kind])
    assert not verifies(message, ROOT)
    last = bytes((message.signature[-1] ^ 1,))
    assert not verifies(replace(message, signature=message.signature[:-1] + last), KINDS[kind])
    assert not verifies(replace(message, signature=b""), KINDS[kind])


@pytest.mark.parametrize("claimed", [*KINDS, "", "dsa"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_the_signature_is_that_of_the_key(kind: str, claimed: str) -> None:
    # A right signature under another name of its algorithm is none.
    message = replace(MESSAGES[kind], kind=claimed)
    assert verifies(message, KINDS[kind]) is (kind == claimed)


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_the_hash_is_the_one_that_was_named(kind: str) -> None:
    for digest in ("sha384", "sha512"):
        assert not verifies(replace(MESSAGES[kind], digest=digest), KINDS[kind])


def test_an_rsa_key_has_as_many_bits_as_demanded() -> None:
    message, own = MESSAGES["rsa"], KINDS["rsa"]
    assert verifies(message, own, 2047)
    assert verifies(message, own, 2048)
    assert not verifies(message, own, 2049)
    assert not verifies(message, own, 3072)


def test_bytes_that_are_no_certificate_verify_nothing() -> None:
    for data in (b"", b"\x30\x00", KINDS["ecdsa"].der[:-1]):
        assert not signed_by(MESSAGES["ecdsa"], data, least_rsa_bits=2048)


def test_ml_dsa_alone_may_be_missing() -> None:
    certificates = [own.der for own in KINDS.values()]
    assert not needs_missing_algorithm(*certificates, kind="mldsa65")
    with lacking_mldsa():
        assert needs_missing_algorithm(kind="mldsa65")
        assert needs_missing_algorithm(*certificates)
        assert needs_missing_algorithm(b"any", der.ML_DSA_65)
        assert not needs_missing_algorithm(KINDS["rsa"].der, kind="rsa")
        assert not needs_missing_algorithm()
