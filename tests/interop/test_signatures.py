"""Our signatures beside pyHanko's, and under validators that are not ours."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from tests.support.seals import KINDS, NOON_S, Sealing, covered, hole, make_sealing
from tests.support.validators import SIGNATURE_JUDGES, Panel, expect_accepted

MECHANISMS = {
    "p256": "sha256_ecdsa",
    "rsa3072": "sha256_rsa",
    "ed25519": "ed25519",
    "mldsa65": "mldsa65",
}
LACKING = {"ed25519": "Ed25519", "mldsa65": "ML-DSA"}
"""Kinds that programs older than the standards do not take in CMS."""
NOON = datetime.datetime.fromtimestamp(NOON_S, datetime.UTC)


@pytest.fixture(scope="module", params=KINDS)
def sealing(request: pytest.FixtureRequest) -> Sealing:
    return make_sealing(request.param)


def theirs(
    sealing: Sealing, digest: bytes, algorithm: str, *, pades: bool = True
) -> asn1.ContentInfo:
    """What pyHanko makes with the same key and chain of the same digest."""
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(
        asn1_x509.Certificate.load(one.der) for one in (sealing.middle, sealing.root)
    )
    key = sealing.own.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(sealing.own.der),
        signing_key=asn1_keys.PrivateKeyInfo.load(key),
        cert_registry=store,
        signature_mechanism=SignedDigestAlgorithm({"algorithm": MECHANISMS[sealing.kind]}),
    )
    return asyncio.run(signer.async_sign(digest, algorithm, use_pades=pades))


def test_our_cms_says_what_pyhankos_says(sealing: Sealing) -> None:
    pdf = sealing.signed()
    algorithm = "sha512" if sealing.kind in LACKING else "sha256"
    digest = hashlib.new(algorithm, covered(pdf)).digest()
    # pyHanko protects the algorithms in its plain CMS and not in PAdES; the clause wants both.
    plain = said(theirs(sealing, digest, algorithm, pades=False))
    pades = said(theirs(sealing, digest, algorithm))
    mine = said(asn1.ContentInfo.load(hole(pdf)))
    protection = mine["attributes"].pop("cms_algorithm_protection")
    assert protection == plain["attributes"]["cms_algorithm_protection"]
    # It names the certificate a second time beside its hash.
    named = pades["attributes"]["signing_certificate_v2"][0]["certs"][0]
    assert named["issuer_serial"]["serial_number"] == sealing.own.x509.serial_number
    named["issuer_serial"] = None
    assert mine == pades


def said(info: asn1.ContentInfo) -> dict[str, Any]:
    """Everything that a CMS says but the signature's value, which may not be compared.

    It is random for ECDSA, and pyHanko writes NULL where RFC 5754 wants no parameters.
    """
    found: dict[str, Any] = asn1.ContentInfo.load(info.dump()).native
    (signer,) = found["content"]["signer_infos"]
    assert len(signer.pop("signature")) > 60
    found["attributes"] = {one["type"]: one["values"] for one in signer.pop("signed_attrs")}
    found["content"]["certificates"].sort(key=str)
    return found


@pytest.fixture
def panel(sealing: Sealing, tmp_path: Path) -> Panel:
    return Panel(tmp_path, (sealing.root,), at=NOON)


@pytest.mark.parametrize("judge", SIGNATURE_JUDGES)
def test_each_judge_accepts_a_seal_below_a_chain_of_three(
    sealing: Sealing, panel: Panel, judge: str
) -> None:
    expect_accepted(judge, SIGNATURE_JUDGES[judge](panel, sealing.signed()), sealing.kind)


def test_pdfbox_and_bouncy_castle_accept_it(sealing: Sealing, panel: Panel) -> None:
    (opinion,) = panel.pdfbox({"a.pdf": sealing.signed()}).values()
    expect_accepted("pdfbox", opinion, sealing.kind)


def test_qpdf_finds_no_fault(sealing: Sealing, panel: Panel) -> None:
    opinion = panel.qpdf(sealing.signed())
    assert opinion.accepted, opinion.said
