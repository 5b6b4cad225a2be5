"""The CMS that is written, by the strict reader and by asn1crypto: docs/spec clauses 9.3, 9.4."""

from __future__ import annotations

import hashlib
from typing import Final

import pytest
from asn1crypto import cms as asn1
from tests.support.seals import KINDS, make_sealing

from etitle.pades.cms import prepare
from etitle.pades.signeddata import read_signature, read_signature_reference
from etitle.pades.verification import signed_by

COVERED: Final = b"the file outside its gap"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_and_verifies(kind: str) -> None:
    seal = make_sealing(kind).seal
    template = prepare(seal)
    digest = hashlib.new(template.hash, COVERED).digest()
    signed = template.sign(digest)
    found = read_signature(signed.encode())
    assert found == read_signature_reference(signed.encode())
    assert (found.signer, set(found.others)) == (seal.x509_chain[0], set(seal.x509_chain[1:]))
    assert (found.digest, found.message_digest) == (template.hash, digest)
    assert found.signature == signed.signature
    assert signed_by(found, found.signer, least_rsa_bits=3072)


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_stamp_joins_before_it_is_encoded(kind: str) -> None:
    template = prepare(make_sealing(kind).seal)
    signed = template.sign(bytes(hashlib.new(template.hash).digest_size))
    inner = b"\x30\x02\x05\x00"
    (info,) = asn1.ContentInfo.load(signed.encode(inner))["content"]["signer_infos"]
    (attribute,) = info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    assert attribute["values"].contents == inner
    (info,) = asn1.ContentInfo.load(signed.encode())["content"]["signer_infos"]
    assert not info["unsigned_attrs"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("timestamp_bytes", [0, 2, 127, 128, 5000])
def test_no_cms_is_longer_than_its_bound(kind: str, timestamp_bytes: int) -> None:
    template = prepare(make_sealing(kind).seal)
    digest = bytes(hashlib.new(template.hash).digest_size)
    longest = template.max_bytes(timestamp_bytes=timestamp_bytes)
    assert template.max_bytes() == template.max_bytes(timestamp_bytes=0)
    for _ in range(8):
        data = template.sign(digest).encode(bytes(timestamp_bytes) if timestamp_bytes else None)
        assert longest - 4 <= len(data) <= longest  # DER of (r, s) may be shorter


def test_the_template_of_a_seal_is_prepared_once() -> None:
    sealing = make_sealing("p256")
    assert prepare(sealing.seal) is prepare(sealing.seal)
    assert prepare(make_sealing("p256").seal) is not prepare(sealing.seal)
