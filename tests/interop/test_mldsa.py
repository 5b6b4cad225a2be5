"""Our ML-DSA-65 signatures under an implementation of FIPS 204 that is not OpenSSL's."""

from __future__ import annotations

import hashlib

import pytest
from asn1crypto import cms as asn1
from asn1crypto import core
from dilithium_py.ml_dsa import ML_DSA_44, ML_DSA_65
from tests.support.seals import Sealing, covered, hole, make_sealing
from tests.support.x509 import Maker

from etitle.keys.documentkey import DocumentKey

ID_ML_DSA_65 = "2.16.840.1.101.3.4.3.18"


@pytest.fixture(scope="module")
def sealing() -> Sealing:
    return make_sealing("mldsa65")


def raw_key(der: bytes) -> bytes:
    """The key of a certificate by asn1crypto's reading of it, which knows nothing of its kind."""
    fields = core.Sequence.load(core.Sequence.load(der)[0].dump())
    spki = core.Sequence.load(fields[6].dump())
    assert core.Sequence.load(spki[0].dump())[0].native == ID_ML_DSA_65
    assert len(core.Sequence.load(spki[0].dump())) == 1  # no parameters
    bits = spki[1]
    assert isinstance(bits, core.BitString)
    return bytes(bits.contents[1:])  # less the count of unused bits


def test_the_signature_is_over_the_signed_attributes_in_der(sealing: Sealing) -> None:
    pdf = sealing.signed()
    info = asn1.ContentInfo.load(hole(pdf))
    (signer,) = info["content"]["signer_infos"]
    attributes = {one["type"].native: one["values"][0].native for one in signer["signed_attrs"]}
    assert attributes["message_digest"] == hashlib.sha512(covered(pdf)).digest()
    algorithm = signer["signature_algorithm"]
    assert algorithm["algorithm"].dotted == ID_ML_DSA_65
    assert algorithm.dump() == bytes.fromhex("300b0609608648016503040312")
    assert signer["digest_algorithm"].dump() == bytes.fromhex("300b0609608648016503040203")
    signature = signer["signature"].native
    key = raw_key(sealing.own.der)
    # Signed as a SET, sent with a context tag in its place (RFC 5652 §5.4).
    signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    assert ML_DSA_65.verify(key, signed, signature)
    assert not ML_DSA_65.verify(key, signed + b"\0", signature)
    assert not ML_DSA_65.verify(key, signed, signature, ctx=b"context")
    assert not ML_DSA_65.verify(key, signer["signed_attrs"].dump(), signature)


def test_a_document_signed_by_the_other_implementation_is_taken() -> None:
    """The other way round: their signature in our verifier."""
    from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415  # the other one

    seed = bytes(range(32))
    public, private = ML_DSA_65.key_derive(seed)
    ours = mldsa.MLDSA65PublicKey.from_public_bytes(public)
    ours.verify(ML_DSA_65.sign(private, b"attributes"), b"attributes")
    own = mldsa.MLDSA65PrivateKey.from_seed_bytes(seed).public_key()
    assert own == ours
    assert DocumentKey.ml_dsa_65(public) == DocumentKey.ml_dsa_65(own.public_bytes_raw())
    assert len(ML_DSA_44.key_derive(seed)[0]) == 1312


def test_certificates_are_signed_as_rfc_9881_says(sealing: Sealing) -> None:
    root = Maker.root("样例根", kind="mldsa65")
    for made in (root, root.leaf("样例", key=sealing.own.key)):
        signature, signed = made.x509.signature, made.x509.tbs_certificate_bytes
        assert ML_DSA_65.verify(raw_key(root.der), signed, signature)
        assert made.x509.signature_algorithm_oid.dotted_string == ID_ML_DSA_65
    assert raw_key(sealing.own.der) == raw_key(root.leaf("样例", key=sealing.own.key).der)
