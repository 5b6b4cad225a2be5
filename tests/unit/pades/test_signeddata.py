"""The CMS of a signature or a time-stamp, read strictly: docs/spec clause 9.3."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from tests.support.authority import AT_S
from tests.support.forge import (
    CONTENT_TYPE,
    DATA,
    ESS_V2,
    MESSAGE_DIGEST,
    PROTECTION,
    SHA256,
    SIGNED_DATA,
    SIGNING_TIME,
    TST_INFO,
    Cms,
    attribute,
    integer,
    oid,
    stamped,
    tlv,
)
from tests.support.x509 import Maker, new_key

from etitle.errors import DecodeError
from etitle.keys.spki import MAX_X509_BYTES
from etitle.pades.signeddata import (
    MAX_CERTIFICATES,
    read_signature,
    read_signature_reference,
    read_timestamp_cms,
    split,
)

ROOT: Final = Maker.root("样例根证书")
SEAL: Final = ROOT.leaf("样例职称专用章")
TSA: Final = ROOT.leaf("样例时间戳", timestamps=True)
GOOD: Final = Cms(SEAL)
COVERED: Final = b"the file outside its gap"


def what(data: bytes, read: Callable[[bytes], object] = read_signature_reference) -> str:
    with pytest.raises(DecodeError) as caught:
        read(data)
    assert caught.value.code == "document.cms_malformed"
    return str(caught.value.details["what"])


def exchanged(old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """Attributes with some bytes exchanged, which stand there."""

    def change(attributes: list[bytes]) -> list[bytes]:
        assert any(old in item for item in attributes)
        return [item.replace(old, new) for item in attributes]

    return change


def without(kind: str) -> Callable[[list[bytes]], list[bytes]]:
    return lambda attributes: [item for item in attributes if oid(kind) not in item[:20]]


def named(*parts: bytes, more: tuple[bytes, ...] = ()) -> bytes:
    """An ESS signing-certificate-v2 attribute."""
    identified = tlv(0x30, *(parts or (tlv(4, hashlib.sha256(SEAL.der).digest()),)))
    return attribute(ESS_V2, tlv(0x30, tlv(0x30, identified), *more))


def naming(item: bytes) -> Cms:
    return replace(GOOD, attributes=lambda attributes: [*without(ESS_V2)(attributes), item])


# -- what is read ----------------------------------------------------------------------------------


def test_a_signature_says_who_signed_what_and_how() -> None:
    cms = replace(GOOD, chain=(ROOT.der,))
    found = read_signature(cms.make(COVERED))
    assert (found.signer, found.others) == (SEAL.der, (ROOT.der,))
    assert (found.kind, found.digest) == ("ecdsa", "sha256")
    assert found.message_digest == hashlib.sha256(COVERED).digest()
    assert (found.content, found.timestamp) == (b"", None)
    assert found.signed.startswith(b"\x31")
    assert found.signature.startswith(b"\x30")


@pytest.mark.parametrize(
    ("key", "kind", "digest"),
    [
        ("rsa3072", "rsa", "sha256"),
        ("ed25519", "ed25519", "sha512"),
        ("mldsa65", "mldsa65", "sha512"),
    ],
)
def test_each_kind_of_signature_is_told(key: str, kind: str, digest: str) -> None:
    found = read_signature(Cms(ROOT.leaf("样例", key=new_key(key))).make(COVERED))
    assert (found.kind, found.digest) == (kind, digest)


def test_a_time_stamp_on_it_is_handed_on_unread() -> None:
    inner = tlv(0x30, b"\x05\x00")
    assert read_signature(replace(GOOD, stamp=lambda _: inner).make(COVERED)).timestamp == inner


def test_the_padding_of_the_gap_is_zeros() -> None:
    data = GOOD.make(COVERED)
    assert split(data) == split(data + bytes(9)) == data
    for padding in (b"\1", b"\0\1", b"\1\0"):
        assert what(data + padding, split) == "padding other than zeros"


# -- certificates ----------------------------------------------------------------------------------


def more(count: int) -> tuple[bytes, ...]:
    return tuple(ROOT.leaf(f"样例 {number}").der for number in range(count))


def test_as_many_certificates_as_the_limit_are_read_and_no_more() -> None:
    assert MAX_CERTIFICATES == 8
    most = replace(GOOD, chain=more(MAX_CERTIFICATES - 1))
    assert len(read_signature(most.make(COVERED)).others) == MAX_CERTIFICATES - 1
    many = replace(GOOD, chain=more(MAX_CERTIFICATES))
    assert what(many.make(COVERED)) == "the number of certificates"


@pytest.mark.parametrize(
    "odd",
    [tlv(0x31, b"\x05\x00"), tlv(0xA1, b"\x05\x00"), tlv(0x30, bytes(MAX_X509_BYTES))],
    ids=["another tag", "a context tag", "too long"],
)
def test_one_odd_certificate_among_good_ones_is_refused(odd: bytes) -> None:
    assert what(replace(GOOD, chain=(ROOT.der, odd)).make(COVERED)) == "the certificates"


def test_the_signer_info_names_one_certificate_that_is_there() -> None:
    elsewhere = replace(GOOD, issuer_of=ROOT.der)
    assert what(elsewhere.make(COVERED)) == "the signer's certificate"
    twice = replace(GOOD, chain=(SEAL.der,))
    assert what(twice.make(COVERED)) == "the signer's certificate"


# -- attributes ------------------------------------------------------------------------------------


def test_an_attribute_is_a_sequence() -> None:
    # An element of another tag, with the right parts within.
    odd = replace(GOOD, attributes=lambda found: [b"\x31" + found[0][1:], *found[1:]])
    assert what(odd.make(COVERED)) == "an attribute twice"


def test_attributes_stand_in_order_and_once() -> None:
    backwards = replace(GOOD, order=lambda items: b"".join(sorted(items, reverse=True)))
    assert what(backwards.make(COVERED)) == "the order of the attributes"
    twice = replace(GOOD, attributes=lambda found: [*found, found[0]])
    assert what(twice.make(COVERED)) == "an attribute twice"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (CONTENT_TYPE, "the content type attribute"),
        (MESSAGE_DIGEST, "no message digest"),
        (ESS_V2, "signed attributes other than the profile's"),
    ],
)
def test_no_demanded_attribute_may_be_missing(kind: str, expected: str) -> None:
    assert what(replace(GOOD, attributes=without(kind)).make(COVERED)) == expected


def test_the_protection_of_algorithms_may_be_missing() -> None:
    found = read_signature(replace(GOOD, attributes=without(PROTECTION)).make(COVERED))
    assert found.kind == "ecdsa"


def test_a_signing_time_is_not_of_the_profile() -> None:
    extra = attribute(SIGNING_TIME, tlv(0x17, b"260101000000Z"))
    odd = replace(GOOD, attributes=lambda found: [*found, extra])
    assert what(odd.make(COVERED)) == "signed attributes other than the profile's"


def test_the_content_type_and_the_digest_have_their_tags() -> None:
    odd = replace(GOOD, attributes=exchanged(oid(DATA), tlv(4, oid(DATA)[2:])))
    assert what(odd.make(COVERED)) == "the content type attribute"
    odd = replace(GOOD, attributes=exchanged(oid(DATA), oid(SIGNED_DATA)))
    assert what(odd.make(COVERED)) == "the content type attribute"
    digest = hashlib.sha256(COVERED).digest()
    odd = replace(GOOD, attributes=exchanged(tlv(4, digest), tlv(12, digest)))
    assert what(odd.make(COVERED)) == "no message digest"


# -- algorithms ------------------------------------------------------------------------------------

ECDSA_SHA256 = oid("1.2.840.10045.4.3.2")


@pytest.mark.parametrize("number", ["3", "4"])
def test_the_hash_of_the_signature_is_that_of_the_digest(number: str) -> None:
    # In the signer info alone, which nothing signs where no algorithm is protected.
    other = oid(f"1.2.840.10045.4.3.{number}")
    cms = replace(
        GOOD,
        attributes=without(PROTECTION),
        finish=lambda data: data[: len(data) - 90] + data[-90:].replace(ECDSA_SHA256, other),
    )
    data = cms.make(COVERED)
    assert other in data
    assert what(data) == "the signature algorithm"


def test_an_unknown_signature_algorithm_is_refused() -> None:
    other = oid("1.2.840.10045.4.3.9")
    cms = replace(
        GOOD,
        attributes=without(PROTECTION),
        finish=lambda data: data[: len(data) - 90] + data[-90:].replace(ECDSA_SHA256, other),
    )
    assert what(cms.make(COVERED)) == "the signature algorithm"


def test_protected_algorithms_are_those_used() -> None:
    cms = replace(GOOD, attributes=exchanged(ECDSA_SHA256[2:], oid("1.2.840.10045.4.3.3")[2:]))
    assert what(cms.make(COVERED)) == "algorithms other than those protected"


# -- ESS signing-certificate-v2 --------------------------------------------------------------------

OWN_HASH = tlv(4, hashlib.sha256(SEAL.der).digest())


def test_the_certificate_may_be_named_with_policies() -> None:
    policies = tlv(0x30, tlv(0x30, oid("2.5.29.32.0")))
    assert read_signature(naming(named(more=(policies,))).make(COVERED)).signer == SEAL.der
    odd = naming(named(more=(policies, policies)))
    assert what(odd.make(COVERED)) == "the certificate named"


def test_the_certificate_may_be_named_by_issuer_and_serial_number_too() -> None:
    issuer = tlv(0x30, tlv(0xA4, SEAL.x509.issuer.public_bytes()))
    right = tlv(0x30, issuer, integer(SEAL.x509.serial_number))
    assert read_signature(naming(named(OWN_HASH, right)).make(COVERED)).signer == SEAL.der
    wrong = tlv(0x30, issuer, integer(SEAL.x509.serial_number + 1))
    assert what(naming(named(OWN_HASH, wrong)).make(COVERED)) == "the certificate named"


def test_another_hash_may_name_it_but_no_default_is_written_out() -> None:
    sha512 = tlv(0x30, oid("2.16.840.1.101.3.4.2.3"))
    other = named(sha512, tlv(4, hashlib.sha512(SEAL.der).digest()))
    assert read_signature(naming(other).make(COVERED)).signer == SEAL.der
    assert what(naming(named(SHA256, OWN_HASH)).make(COVERED)) == "a default written out"


def test_the_certificate_named_is_the_signers() -> None:
    other = named(tlv(4, hashlib.sha256(ROOT.der).digest()))
    assert what(naming(other).make(COVERED)) == "the certificate named"


# -- around ----------------------------------------------------------------------------------------


def test_content_within_belongs_to_time_stamps_alone() -> None:
    assert what(replace(GOOD, content=b"x").make(COVERED)) == "content within"
    cms = Cms(TSA, kind=TST_INFO, content=b"info")
    assert read_timestamp_cms(cms.make(b"info")).content == b"info"
    assert what(GOOD.make(COVERED), read_timestamp_cms) == "the version"
    assert what(cms.make(b"info")) == "the version"


def test_nothing_stands_behind_the_cms() -> None:
    assert what(GOOD.make(COVERED) + b"\0") == "no CMS"
    two = replace(GOOD, infos=2)
    assert what(two.make(COVERED)) == "elements other than the profile's"


def test_a_time_stamp_carries_no_other_time_stamp() -> None:
    nested = replace(Cms(TSA, kind=TST_INFO, content=b"info"), stamp=stamped(TSA, AT_S))
    assert what(nested.make(b"info"), read_timestamp_cms) == "a time-stamp on a time-stamp"
