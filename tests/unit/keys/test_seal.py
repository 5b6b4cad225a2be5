"""Seals: signers of documents with their X.509 certificates."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from dilithium_py.ml_dsa import ML_DSA_65
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.forge import tlv
from tests.support.x509 import AnyKey, Maker, new_key

from etitle import der
from etitle.errors import SignerError
from etitle.keys import mldsa as lattice
from etitle.keys import seal as seals
from etitle.keys.documentkey import DocumentSuite
from etitle.keys.seal import (
    DocumentSigner,
    make_seal,
    open_document_signer,
    open_seal,
    read_x509_chain,
    rsa_signer,
)
from etitle.keys.signer import SoftSigner, to_pem
from etitle.keys.suite import ES256

ROOT = Maker.root("样例根")
MIDDLE = ROOT.ca("样例中间")
KINDS = ("p256", "rsa3072", "ed25519", "mldsa65")


def opened(tmp_path: Path, made: Maker) -> DocumentSigner:
    path = tmp_path / "key.pem"
    path.write_bytes(made.key_pem)
    return open_document_signer(f"file:{path}")


def verify(key: AnyKey, signature: bytes, data: bytes) -> None:
    public = key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, data, ec.ECDSA(SHA256()))
    elif isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, data, padding.PKCS1v15(), SHA256())
    else:
        public.verify(signature, data)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(SignerError) as caught:
        act()
    return caught.value.code


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest) -> Maker:
    return MIDDLE.leaf("样例职称专用章", key=new_key(request.param))


def test_a_key_of_each_kind_signs_documents(tmp_path: Path, made: Maker) -> None:
    signer = opened(tmp_path, made)
    signature = signer.sign(b"data")
    assert len(signature) <= signer.max_signature_bytes
    if signer.suite is not DocumentSuite.ES256:
        assert len(signature) == signer.max_signature_bytes
    verify(made.key, signature, b"data")
    public = made.key.public_key()
    assert signer.spki == public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_p256_signatures_are_der_with_low_s(tmp_path: Path) -> None:
    signer = opened(tmp_path, MIDDLE.leaf("样例"))
    assert signer.suite is DocumentSuite.ES256
    signatures = [signer.sign(bytes([n])) for n in range(200)]
    assert max(map(len, signatures)) <= signer.max_signature_bytes == 71
    assert all(decode_dss_signature(one)[1] <= ES256.order >> 1 for one in signatures)


def test_a_seal_is_a_key_with_its_chain(tmp_path: Path, made: Maker) -> None:
    chain = (made.der, MIDDLE.der, ROOT.der)
    seal = make_seal(opened(tmp_path, made), x509_chain=chain)
    assert seal.x509_chain == chain
    assert seal.name == "样例职称专用章"
    assert seal.not_before_s == 1_577_836_800
    assert seal.not_after_s == 2_208_988_800


def test_a_seal_may_have_its_own_certificate_alone_and_another_name(tmp_path: Path) -> None:
    made = ROOT.leaf("样例")
    (tmp_path / "key.pem").write_bytes(made.key_pem)
    seal = open_seal(f"file:{tmp_path}/key.pem", x509_chain=[made.der], name="样例省职称办")
    assert seal.name == "样例省职称办"


@pytest.mark.parametrize(
    "chain",
    [
        [],
        [MIDDLE.der],
        [ROOT.der],
        [MIDDLE.der, MIDDLE.der],
        [ROOT.der, MIDDLE.der],
        [Maker.root("样例根").der],
        [MIDDLE.der, ROOT.der, ROOT.der, ROOT.der, ROOT.der, ROOT.der, ROOT.der, ROOT.der],
    ],
    ids=["lonely", "no root", "no middle", "twice", "order", "namesake", "long"],
)
def test_a_chain_that_is_broken_or_not_whole_is_refused(
    tmp_path: Path, chain: Sequence[bytes]
) -> None:
    made = MIDDLE.leaf("样例")
    signer = opened(tmp_path, made)
    own = [made.der] if chain else []
    assert refusal(lambda: make_seal(signer, x509_chain=[*own, *chain])) == "keys.x509_chain_broken"


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    signer = opened(tmp_path, MIDDLE.leaf("样例"))
    other = MIDDLE.leaf("样例")
    assert refusal(lambda: make_seal(signer, x509_chain=[other.der])) == "keys.x509_other_key"


@pytest.mark.parametrize("uses", [None, {"digital_signature"}, {"content_commitment"}], ids=repr)
def test_a_certificate_that_lists_no_uses_or_one_for_signing_is_a_seal(
    tmp_path: Path, uses: set[str] | None
) -> None:
    made = MIDDLE.leaf("样例")
    certificate = ROOT.certify("样例", made.key.public_key(), uses=uses)
    seal = make_seal(opened(tmp_path, made), x509_chain=[certificate, ROOT.der])
    assert seal.x509_chain[0] == certificate


def test_a_chain_has_at_most_eight_certificates(tmp_path: Path) -> None:
    above = [ROOT]
    while len(above) < 8:
        above.insert(0, above[0].ca(f"样例{len(above)}"))
    made = [above[0].leaf("样例"), above[1].leaf("样例")]
    long = [one.der for one in above]
    assert refusal(
        lambda: make_seal(opened(tmp_path, made[0]), x509_chain=[made[0].der, *long])
    ) == ("keys.x509_chain_broken")
    seal = make_seal(opened(tmp_path, made[1]), x509_chain=[made[1].der, *long[1:]])
    assert len(seal.x509_chain) == 8


def test_certificates_that_may_not_sign_are_refused(tmp_path: Path) -> None:
    for made in (ROOT, MIDDLE.leaf("样例", uses=frozenset({"key_agreement"}))):
        signer = opened(tmp_path, made)
        code = refusal(lambda made=made, signer=signer: make_seal(signer, x509_chain=[made.der]))  # type: ignore[misc]
        assert code == "keys.x509_not_for_signing"


@pytest.mark.parametrize("data", [b"", b"no certificate", ROOT.der + b"\0", ROOT.der[:-1],
                                  b"0" * (1 << 15)], ids=range(5))  # fmt: skip
def test_what_is_no_certificate_is_refused(tmp_path: Path, data: bytes) -> None:
    signer = opened(tmp_path, ROOT.leaf("样例"))
    assert refusal(lambda: make_seal(signer, x509_chain=[data])) == "keys.x509_malformed"
    (tmp_path / "x").write_bytes(data)
    assert refusal(lambda: read_x509_chain(f"{tmp_path}/x")) == "keys.x509_malformed"


@given(st.data())
@settings(max_examples=60)
def test_a_changed_certificate_is_a_seal_or_a_refusal(data: st.DataObject) -> None:
    changed = bytearray(FIXED.der)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        make_seal(SIGNER, x509_chain=[bytes(changed)])
    except SignerError as error:
        code = error.code
    else:
        code = "keys.x509"
    assert code.startswith("keys.x509")


FIXED = ROOT.leaf("样例")
assert isinstance(FIXED.key, ec.EllipticCurvePrivateKey)
SIGNER = seals.document_signer(SoftSigner(FIXED.key))


def test_certificates_are_read_from_pem_and_der(tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_bytes(b"text\n" + MIDDLE.pem + ROOT.pem)
    (tmp_path / "one.der").write_bytes(ROOT.der)
    assert read_x509_chain(f"{tmp_path}/chain.pem") == (MIDDLE.der, ROOT.der)
    assert read_x509_chain(f"{tmp_path}/one.der") == (ROOT.der,)


def test_broken_pem_and_giant_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (tmp_path / "b").write_bytes(ROOT.pem + bytes((1 << 20) - len(ROOT.pem) + 1))
    (tmp_path / "c").write_bytes(ROOT.pem + bytes((1 << 20) - len(ROOT.pem)))
    assert read_x509_chain(f"{tmp_path}/c") == (ROOT.der,)
    for name in "ab":
        assert refusal(lambda n=name: read_x509_chain(f"{tmp_path}/{n}")) == "keys.x509_malformed"  # type: ignore[misc]
    assert refusal(lambda: read_x509_chain(f"{tmp_path}/none")) == "keys.file_unreadable"


def test_an_rsa_key_in_a_pkcs12_file_signs_documents(tmp_path: Path) -> None:
    key = new_key("rsa3072")
    assert isinstance(key, rsa.RSAPrivateKey)
    cipher = BestAvailableEncryption(b"secret")
    data = serialize_key_and_certificates(b"seal", key, None, None, cipher)
    (tmp_path / "key.p12").write_bytes(data)
    signer = open_document_signer(f"pkcs12:{tmp_path}/key.p12", password=lambda: b"secret")
    assert signer.suite is DocumentSuite.RS256
    verify(key, signer.sign(b"data"), b"data")


@pytest.mark.parametrize("form", ["seed", "expanded", "both"])
def test_an_ml_dsa_key_in_each_form_of_rfc_9881(tmp_path: Path, form: str) -> None:
    """Of the seed, the expanded key and both (§6), cryptography takes and writes the seed."""
    seed = bytes(range(32))
    public, expanded = ML_DSA_65.key_derive(seed)
    inside = {
        "seed": b"\x80\x20" + seed,
        "expanded": tlv(4, expanded),
        "both": tlv(0x30, tlv(4, seed), tlv(4, expanded)),
    }[form]
    algorithm = tlv(0x30, der.ML_DSA_65)
    (tmp_path / "key.der").write_bytes(tlv(0x30, b"\x02\x01\0", algorithm, tlv(4, inside)))
    if form != "seed":
        code = refusal(lambda: open_document_signer(f"file:{tmp_path}/key.der"))
        assert code == "keys.file_malformed"
        return
    signer = open_document_signer(f"file:{tmp_path}/key.der")
    assert signer.suite is DocumentSuite.ML_DSA_65
    assert signer.spki.endswith(public)
    signature = signer.sign(b"data")
    assert len(signature) == signer.max_signature_bytes == 3309
    assert ML_DSA_65.verify(public, b"data", signature)


@pytest.mark.parametrize("error", [UnsupportedAlgorithm, ValueError])
@pytest.mark.parametrize("password", [None, b"secret"])
def test_without_ml_dsa_the_error_says_what_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    password: bytes | None,
    error: type[Exception],
) -> None:
    key = mldsa.MLDSA65PrivateKey.generate()
    (tmp_path / "key").write_bytes(to_pem(key, password))
    monkeypatch.setattr(lattice, "is_supported", lambda: False)

    def unknown(*_: object) -> None:
        """As cryptography 46 and 47 say it."""
        message = "Unknown key type: 2.16.840.1.101.3.4.3.18"
        raise error(message)

    def load(data: bytes, secret: bytes | None) -> None:
        if password is not None and secret is None:
            raise TypeError
        unknown(data)

    monkeypatch.setattr(serialization, "load_pem_private_key", load)
    uri = f"file:{tmp_path}/key"
    assert refusal(lambda: open_document_signer(uri, password=lambda: b"secret")) == (
        "keys.mldsa_missing"
    )
    assert refusal(lattice.generate) == "keys.mldsa_missing"


@pytest.mark.parametrize("form", [Encoding.PEM, Encoding.DER], ids=str)
def test_without_ml_dsa_the_file_says_what_it_is(
    monkeypatch: pytest.MonkeyPatch, form: Encoding
) -> None:
    """cryptography 44 and 45 don't name the algorithm that they don't know."""
    key = mldsa.MLDSA65PrivateKey.generate()
    data = key.private_bytes(form, PrivateFormat.PKCS8, NoEncryption())
    other = new_key("p256").private_bytes(form, PrivateFormat.PKCS8, NoEncryption())
    lattice.demand_for(data, ValueError())
    monkeypatch.setattr(lattice, "is_supported", lambda: False)
    assert refusal(lambda: lattice.demand_for(data, ValueError())) == "keys.mldsa_missing"
    lattice.demand_for(other, ValueError())
    lattice.demand_for(b"-----BEGIN PRIVATE KEY-----\nA\n-----END", ValueError())


def test_ml_dsa_is_missing_where_cryptography_has_no_such_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.mldsa", None)
    monkeypatch.delattr("cryptography.hazmat.primitives.asymmetric.mldsa", raising=False)
    lattice.is_supported.cache_clear()
    try:
        assert not lattice.is_supported()
        assert (lattice.as_public(object()), lattice.as_private(object())) == (None, None)
    finally:
        lattice.is_supported.cache_clear()


def test_a_chain_of_ml_dsa_is_held_to_its_signatures(tmp_path: Path) -> None:
    root = Maker.root("样例根", kind="mldsa65")
    middle = root.ca("样例中间", kind="mldsa65")
    made = middle.leaf("样例", key=new_key("mldsa65"))
    signer = opened(tmp_path, made)
    seal = make_seal(signer, x509_chain=[made.der, middle.der, root.der])
    assert len(seal.x509_chain) == 3
    other = Maker.root("样例根", kind="mldsa65")
    chains = ([made.der, middle.der, other.der], [made.der, root.der], [made.der, middle.der])
    for chain in chains:
        code = refusal(lambda chain=chain: make_seal(signer, x509_chain=chain))  # type: ignore[misc]
        assert code == "keys.x509_chain_broken"


def test_small_rsa_keys_are_refused() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert refusal(lambda: rsa_signer(key)) == "keys.rsa_size"


def test_keys_of_other_kinds_sign_no_documents(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key").write_bytes(data)
    code = refusal(lambda: open_document_signer(f"file:{tmp_path}/key"))
    assert code == "keys.unsupported_key"


def test_a_public_key_is_spelled_as_x509_has_it() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    spki = SoftSigner(key).public.to_spki()
    assert load_der_public_key(spki) == key.public_key()
