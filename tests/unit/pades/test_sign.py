"""The signature of a document: docs/spec clauses 9.2 to 9.4."""

from __future__ import annotations

import hashlib

import pytest
from asn1crypto import cms as asn1
from asn1crypto import tsp
from tests.support.blankpage import blank
from tests.support.seals import KINDS, NOON_S, Sealing, covered, hole, make_sealing
from tests.support.x509 import Maker

from etitle import der
from etitle.der import tlv
from etitle.errors import IssueError
from etitle.keys.seal import document_signer, make_seal
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.pades import cms
from etitle.pades.dss import ValidationData
from etitle.pades.sign import sign_document


@pytest.fixture(scope="module", params=KINDS)
def sealing(request: pytest.FixtureRequest) -> Sealing:
    return make_sealing(request.param)


# Loading it teaches asn1crypto the attributes of ESS.
assert tsp.SigningCertificateV2


def parsed(pdf: bytes) -> asn1.SignedData:
    data = hole(pdf)
    info = asn1.ContentInfo.load(data)
    whole = info.dump()
    assert data.startswith(whole)
    assert info["content_type"].native == "signed_data"
    return info["content"]


def attributes(info: asn1.SignerInfo) -> dict[str, asn1.CMSAttribute]:
    return {one["type"].native: one["values"] for one in info["signed_attrs"]}


def test_the_hole_holds_one_der_element_and_zeros(sealing: Sealing) -> None:
    for _ in range(5):
        data = hole(sealing.signed())
        size = len(asn1.ContentInfo.load(data).dump())
        assert data[:size] == asn1.ContentInfo.load(data).dump(force=True)
        assert not any(data[size:])
        # Only a P-256 signature varies in length, by a few bytes.
        assert len(data) - size <= (8 if sealing.kind == "p256" else 0)


def test_the_signature_covers_the_whole_file_but_the_hole(sealing: Sealing) -> None:
    pdf = sealing.signed()
    (info,) = parsed(pdf)["signer_infos"]
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, covered(pdf)).digest()
    assert attributes(info)["message_digest"].native == [digest]


def test_the_attributes_are_those_of_the_clause_and_no_more(sealing: Sealing) -> None:
    data = parsed(sealing.signed())
    assert data["version"].native == "v1"
    assert data["encap_content_info"]["content"].native is None
    (info,) = data["signer_infos"]
    found = attributes(info)
    assert set(found) == {
        "content_type", "cms_algorithm_protection", "message_digest", "signing_certificate_v2",
    }  # fmt: skip
    assert found["content_type"].native == ["data"]
    (named,) = found["signing_certificate_v2"][0]["certs"]
    assert named["cert_hash"].native == hashlib.sha256(sealing.own.der).digest()
    assert named["hash_algorithm"]["algorithm"].native == "sha256"
    (protection,) = found["cms_algorithm_protection"]
    assert protection["digest_algorithm"].dump() == info["digest_algorithm"].dump()
    assert protection["signature_algorithm"].native == info["signature_algorithm"].native
    assert info["unsigned_attrs"].native is None


def test_the_signer_is_named_by_issuer_and_serial_number(sealing: Sealing) -> None:
    (info,) = parsed(sealing.signed())["signer_infos"]
    own = sealing.own.x509
    assert info["sid"].chosen["serial_number"].native == own.serial_number
    assert info["sid"].chosen["issuer"].dump() == own.issuer.public_bytes()


def test_the_certificates_are_the_chain_in_the_order_of_der(sealing: Sealing) -> None:
    found = [one.dump() for one in parsed(sealing.signed())["certificates"]]
    assert found == sorted(sealing.seal.x509_chain)


def test_algorithms_are_those_of_the_clause() -> None:
    found = []
    for kind in KINDS:
        (info,) = parsed(make_sealing(kind).signed())["signer_infos"]
        found.append((
            info["digest_algorithm"]["algorithm"].native,
            info["signature_algorithm"]["algorithm"].dotted,
        ))  # fmt: skip
        assert info["digest_algorithm"].dump().hex()[-8:] != "0500"
    assert found == [
        ("sha256", "1.2.840.10045.4.3.2"), ("sha256", "1.2.840.113549.1.1.11"),
        ("sha512", "1.3.101.112"), ("sha512", "2.16.840.1.101.3.4.3.18"),
    ]  # fmt: skip


def test_signing_again_gives_the_same_file(sealing: Sealing) -> None:
    one, two = sealing.signed(), sealing.signed()
    assert (len(one), covered(one)) == (len(two), covered(two))
    # ML-DSA draws at random for each signature (FIPS 204 §3.4); the others do not.
    assert (one == two) == (sealing.kind != "mldsa65")


def test_a_long_document_is_hashed_whole() -> None:
    sealing = make_sealing("p256")
    pdf = sign_document(blank("样" * 100_000), seal=sealing.seal, signing_time_s=NOON_S)
    (info,) = parsed(pdf)["signer_infos"]
    assert attributes(info)["message_digest"].native == [hashlib.sha256(covered(pdf)).digest()]


def test_the_name_reason_and_time_are_written() -> None:
    sealing = make_sealing("p256")
    pdf = sealing.signed()
    assert b"/Name <FEFF" + "样例职称专用章".encode("utf-16-be").hex().upper().encode() in pdf
    assert b"/M (D:20261123160000+08'00')" in pdf
    bare = sign_document(blank(), seal=sealing.seal, signing_time_s=NOON_S, reason=None)
    assert b"/Reason" not in bare


@pytest.mark.parametrize("at_s", [1_577_836_799, 2_208_988_801])
def test_a_time_outside_the_certificates_days_is_refused(at_s: int) -> None:
    sealing = make_sealing("p256")
    with pytest.raises(IssueError) as caught:
        sign_document(blank(), seal=sealing.seal, signing_time_s=at_s)
    assert caught.value.code == "sign.seal_not_in_window"


def test_evidence_without_a_time_stamp_is_refused() -> None:
    sealing = make_sealing("p256")
    with pytest.raises(IssueError) as caught:
        sign_document(
            blank(),
            seal=sealing.seal,
            signing_time_s=NOON_S,
            validation_data=ValidationData((b"x",)),
        )
    assert caught.value.code == "sign.evidence_without_time"


class Growing:
    """A time-stamper whose time-stamps outgrow their room a number of times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked = 0

    def room_bytes(self) -> int:
        return 300

    def timestamp(self, signature: bytes, *, near_s: int) -> bytes:
        assert (near_s, len(signature) <= 71) == (NOON_S, True)
        self.asked += 1
        return tlv(der.SEQUENCE, bytes(400 if self.asked <= self.times else 290))


def test_a_time_stamp_that_outgrows_its_room_is_asked_for_again() -> None:
    tsa = Growing(2)
    sealing = make_sealing("p256")
    pdf = sign_document(blank(), seal=sealing.seal, signing_time_s=NOON_S, tsa=tsa)
    assert tsa.asked == 3
    (info,) = parsed(pdf)["signer_infos"]
    (attribute,) = info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    assert len(hole(pdf)) - len(asn1.ContentInfo.load(hole(pdf)).dump()) < 20


def test_time_stamps_that_always_outgrow_their_room_are_given_up() -> None:
    sealing = make_sealing("p256")
    with pytest.raises(IssueError) as caught:
        sign_document(blank(), seal=sealing.seal, signing_time_s=NOON_S, tsa=Growing(3))
    assert caught.value.code == "sign.stamp_outgrew"


def test_the_issuer_is_spelled_as_in_the_certificate() -> None:
    # A serial number with its top bit set and an issuer whose name takes several length bytes.
    signer = generate(ES256)
    root = Maker.root("样" * 21)
    for _ in range(8):
        own = root.leaf("样例", key=signer.private_key)
        seal = make_seal(document_signer(signer), x509_chain=[own.der])
        found = cms.prepare(seal).info
        assert own.x509.issuer.public_bytes() in found
        sid = asn1.IssuerAndSerialNumber.load(found[3:])
        assert sid["serial_number"].native == own.x509.serial_number
