"""X.509: who issued whom, validity, time-stamp authorities."""

from __future__ import annotations

import datetime
from typing import Final

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from tests.support.x509 import END, START, Maker, named, new_key

from etitle import der
from etitle.errors import SignerError
from etitle.keys.spki import MAX_X509_BYTES
from etitle.keys.x509 import (
    check_issued,
    is_chain,
    is_in_force,
    is_issued,
    is_linked,
    is_trusted_tsa,
    is_tsa_x509,
    parse,
    public_key,
)

ROOT: Final = Maker.root("样例根证书")
CA: Final = ROOT.ca("样例中间证书")
OWN: Final = CA.leaf("样例")
NAMESAKE: Final = Maker.root("样例根证书")


def test_a_certificate_is_parsed_whole() -> None:
    assert parse(OWN.der) == OWN.x509
    for data in (b"", OWN.der[:-1], OWN.der + b"\0", OWN.der + bytes(MAX_X509_BYTES)):
        with pytest.raises(SignerError) as caught:
            parse(data)
        assert caught.value.code == "keys.x509_malformed"


def test_a_certificate_has_at_most_16_kib() -> None:
    key = new_key("ed25519")  # whose signatures are of one length
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    builder = (
        x509.CertificateBuilder().subject_name(named("样例")).issuer_name(named("样例"))
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(START).not_valid_after(END)
    )  # fmt: skip

    def padded(count: int) -> bytes:
        padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), bytes(count))
        made = builder.add_extension(padding, critical=False).sign(key, None)
        return made.public_bytes(Encoding.DER)

    room = (1 << 14) - len(padded(16_000)) + 16_000
    assert len(padded(room)) == 1 << 14
    parse(padded(room))
    with pytest.raises(SignerError) as caught:
        parse(padded(room + 1))
    assert caught.value.code == "keys.x509_malformed"


def test_a_certificate_is_issued_under_name_and_key() -> None:
    assert is_issued(OWN.x509, CA.x509)
    assert is_issued(ROOT.x509, ROOT.x509)
    assert not is_issued(OWN.x509, ROOT.x509)
    assert not is_issued(CA.x509, NAMESAKE.x509)  # the name alone


@pytest.mark.parametrize("kind", ["p256", "rsa2048", "ed25519", "mldsa65"])
def test_every_kind_of_key_issues(kind: str) -> None:
    root = Maker.root("样例", kind=kind)
    own = root.leaf("样例", key=new_key("p256"))
    assert is_issued(own.x509, root.x509)
    assert is_chain(own.der, (root.der,), to_root=True)
    assert not is_issued(own.x509, Maker.root("样例", kind=kind).x509)
    renamed = root.certify("另一样例", root.key.public_key())
    assert not is_issued(own.x509, x509.load_der_x509_certificate(renamed))


def test_a_certificate_signed_by_ml_dsa_says_so_in_its_signed_part_too() -> None:
    root = Maker.root("样例", kind="mldsa65")
    assert isinstance(root.key, mldsa.MLDSA65PrivateKey)
    own = root.leaf("样例")
    algorithm = der.tlv(der.SEQUENCE, der.ML_DSA_65)
    for said in (der.ML_DSA_65, der.ML_DSA_65[:-1] + b"\x11"):
        signed = own.x509.tbs_certificate_bytes.replace(der.ML_DSA_65, said, 1)
        signature = der.tlv(der.BITS, b"\0", root.key.sign(signed))
        made = x509.load_der_x509_certificate(der.tlv(der.SEQUENCE, signed, algorithm, signature))
        assert is_issued(made, root.x509) == (said == der.ML_DSA_65)


def test_a_key_of_another_kind_issued_nothing_by_ml_dsa() -> None:
    own = Maker.root("样例", kind="mldsa65").leaf("样例")
    for kind in ("p256", "ed25519"):
        assert not is_issued(own.x509, Maker.root("样例", kind=kind).x509)


def test_links_end_in_a_root_where_that_is_asked() -> None:
    chain = [OWN.x509, CA.x509, ROOT.x509]
    assert is_linked(chain, to_root=True)
    assert is_linked(chain[:2], to_root=False)
    assert not is_linked(chain[:2], to_root=True)
    assert is_linked(chain[:1], to_root=True)  # alone, by whoever signed it
    assert not is_linked(chain[::-1], to_root=False)


def test_a_chain_is_found_in_any_order_and_has_nothing_beside_it() -> None:
    assert is_chain(OWN.der, (CA.der, ROOT.der), to_root=True)
    assert is_chain(OWN.der, (ROOT.der, CA.der), to_root=True)
    assert is_chain(OWN.der, (), to_root=True)
    assert is_chain(OWN.der, (CA.der,), to_root=False)
    assert not is_chain(OWN.der, (CA.der,), to_root=True)
    assert not is_chain(OWN.der, (ROOT.der,), to_root=False)
    assert not is_chain(OWN.der, (CA.der, ROOT.der, ROOT.leaf("more").der), to_root=True)
    assert not is_chain(OWN.der, (CA.der, NAMESAKE.der), to_root=True)


def test_validity_includes_both_its_ends() -> None:
    first, last = int(START.timestamp()), int(END.timestamp())
    for certificate in (OWN.der, OWN.x509):
        assert is_in_force(certificate, first)
        assert is_in_force(certificate, last)
        assert not is_in_force(certificate, first - 1)
        assert not is_in_force(certificate, last + 1)
    assert not is_in_force(b"no certificate", first)


def test_a_certificate_for_time_stamps_is_told() -> None:
    assert is_tsa_x509(ROOT.leaf("样例时间戳", timestamps=True).der)
    assert not is_tsa_x509(OWN.der)
    assert not is_tsa_x509(ROOT.der)


def test_a_path_to_a_trusted_root_is_valid_all_along() -> None:
    own = CA.leaf("样例时间戳", timestamps=True)
    at_s = int(START.timestamp()) + 9
    assert is_trusted_tsa(own.der, [CA.der], x509_roots=[ROOT.der], at_s=at_s)
    assert not is_trusted_tsa(own.der, [], x509_roots=[ROOT.der], at_s=at_s)
    assert not is_trusted_tsa(own.der, [CA.der], x509_roots=[NAMESAKE.der], at_s=at_s)
    assert not is_trusted_tsa(own.der, [CA.der], x509_roots=[ROOT.der], at_s=at_s - 10)
    short = ROOT.leaf("样例时间戳", timestamps=True, end=START + datetime.timedelta(days=1))
    day_s = int(START.timestamp()) + 86_400
    assert is_trusted_tsa(short.der, [], x509_roots=[ROOT.der], at_s=day_s)
    assert not is_trusted_tsa(short.der, [], x509_roots=[ROOT.der], at_s=day_s + 1)


# -- time-stamp authorities ------------------------------------------------------------------------

AT_S: Final = int(datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC).timestamp())


def above(own: Maker) -> list[bytes]:
    """The certificates over one, its root's included."""
    found: list[bytes] = []
    while own.issuer is not None:
        own = own.issuer
        found.append(own.der)
    return found


def test_a_way_to_the_root_is_found_through_others_in_any_order() -> None:
    one = ROOT.ca("一")
    two = one.ca("二")
    own = two.leaf("样例时间戳", timestamps=True)
    for others in ([one.der, two.der], [two.der, ROOT.der, one.der]):
        assert is_trusted_tsa(own.der, others, x509_roots=[ROOT.der], at_s=AT_S)
    assert not is_trusted_tsa(own.der, [one.der], x509_roots=[ROOT.der], at_s=AT_S)


def test_a_path_has_at_most_four_certificates() -> None:
    most = ROOT.ca("一").ca("二").leaf("样例时间戳", timestamps=True)
    assert is_trusted_tsa(most.der, above(most), x509_roots=[ROOT.der], at_s=AT_S)
    more = ROOT.ca("一").ca("二").ca("三").leaf("样例时间戳", timestamps=True)
    assert not is_trusted_tsa(more.der, above(more), x509_roots=[ROOT.der], at_s=AT_S)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_a_path_length_is_of_the_authorities_below(length: int) -> None:
    top = ROOT.ca("上", path_length=length)
    for below in range(3):
        made = top
        for _ in range(below):
            made = made.ca("下")
        own = made.leaf("样例时间戳", timestamps=True)
        trusted = is_trusted_tsa(own.der, above(own), x509_roots=[top.der], at_s=AT_S)
        assert trusted == (below <= length)


@pytest.mark.parametrize(
    "own",
    [
        ROOT,
        ROOT.leaf("no usage"),
        ROOT.leaf("past", timestamps=True, end=START + datetime.timedelta(days=9)),
        ROOT.leaf("future", timestamps=True, start=END - datetime.timedelta(days=9)),
        ROOT.leaf("not a CA").leaf("below", timestamps=True),
        ROOT.ca("not a CA but for its key", ca=False).leaf("below", timestamps=True),
        ROOT.ca("signs no keys", uses=frozenset({"crl_sign"})).leaf("below", timestamps=True),
        ROOT.ca("lists no uses", uses=None).leaf("below", timestamps=True),
        Maker.root("样例根证书").leaf("namesake", timestamps=True),
    ],
    ids=lambda own: own.x509.subject.rfc4514_string()[3:24],
)
def test_certificates_that_may_not_stamp_are_not_trusted(own: Maker) -> None:
    assert not is_trusted_tsa(own.der, above(own), x509_roots=[ROOT.der], at_s=AT_S)


def test_a_time_stampers_certificate_that_is_itself_a_root_is_not_enough() -> None:
    own = ROOT.leaf("样例时间戳", timestamps=True)
    assert is_trusted_tsa(own.der, [], x509_roots=[ROOT.der], at_s=AT_S)
    assert not is_trusted_tsa(own.der, [], x509_roots=[own.der], at_s=AT_S)


@given(st.binary(max_size=60) | st.integers(0, len(OWN.der) - 1).map(lambda at: OWN.der[:at]))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert public_key(data) is None
    assert not is_tsa_x509(data)
    assert not is_in_force(data, 0)
    assert not is_chain(data, (data,), to_root=True)
    assert not is_chain(OWN.der, (data,), to_root=False)
    assert not is_trusted_tsa(data, [data], x509_roots=[data], at_s=0)


def test_a_signature_that_leaves_out_bits_is_another_certificate() -> None:
    """Else a byte of a document's chain could change, where a signature ends in zeros."""
    made = next(one for one in iter(lambda: Maker.root("样例根"), None) if one.der[-1] & 1 == 0)
    check_issued(made.x509, made.x509)
    place = len(made.der) - len(made.x509.signature) - 1
    shorter = x509.load_der_x509_certificate(made.der[:place] + b"\1" + made.der[place + 1 :])
    assert shorter.signature == made.x509.signature
    with pytest.raises(InvalidSignature):
        check_issued(shorter, made.x509)
