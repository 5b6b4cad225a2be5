"""Seal certificates in authority.toml: taken as PEM or DER, refused where they are none."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.withoutmldsa import lacking_mldsa
from tests.support.x509 import Maker, new_key

from etitle.errors import EtitleError, IssueError, SignerError
from etitle.issue import authority
from etitle.issue.authority import read_authority, read_public, read_seal
from etitle.keys.documentkey import DocumentKey
from etitle.trust.bundle import Bundle, KeyUse, decode_bundle, encode_bundle


def seal() -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "样例省职称专用章(1)")])
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now.replace(year=2036))
    return builder.sign(key, SHA256())


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_seal_certificate_is_taken_as_pem_or_der(tmp_path: Path, encoding: Encoding) -> None:
    made = seal()
    path = tmp_path / "seal"
    path.write_bytes(made.public_bytes(encoding))
    assert read_seal(path) == made.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "data", [b"", b"id = 1", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_never_gets_into_a_bundle(tmp_path: Path, data: bytes) -> None:
    shutil.copytree("keys-example", tmp_path, dirs_exist_ok=True)
    (tmp_path / "seal.pem").write_bytes(data)
    text = (tmp_path / "authority.toml").read_text("utf-8")
    named = text.replace('uses = ["token"]', 'uses = ["token"]\nx509 = "seal.pem"', 1)
    (tmp_path / "authority.toml").write_text(named, "utf-8")
    with pytest.raises(IssueError) as caught:
        read_authority(tmp_path / "authority.toml").bundle(version=1, at_s=1_767_225_600)
    assert caught.value.code == "issue.x509_refused"


SEAL = """
[[keys]]
public = "keys/seal.pub.pem"
uses = %s
not_before = 2020-01-01
states = [{ state = "active", since = 2020-01-01T00:00:00+08:00 }]
seal_name = "样例职称专用章"
"""


def published(
    tmp_path: Path, kind: str, *, uses: str = '["document"]', x509_of: str = "own"
) -> Bundle:
    """The bundle of the example authority with one more key, by way of its file."""
    shutil.copytree("keys-example", tmp_path, dirs_exist_ok=True)
    key, root = new_key(kind), Maker.root("样例根")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "keys" / "seal.pub.pem").write_bytes(public)
    text = (tmp_path / "authority.toml").read_text("utf-8")
    head, mark, tail = text.partition("\n# 编号段")
    entry = SEAL % uses
    if x509_of:
        der = root.leaf("样例", key=key if x509_of == "own" else None).der
        (tmp_path / "seal.der").write_bytes(der)
        entry += 'x509 = "seal.der"\n'
    (tmp_path / "authority.toml").write_text(head + entry + mark + tail, "utf-8")
    return read_authority(tmp_path / "authority.toml").bundle(version=1, at_s=1_767_225_600)


@pytest.mark.parametrize("kind", ["p256", "ed25519", "rsa3072", "mldsa65"])
def test_a_seal_of_each_kind_is_published(tmp_path: Path, kind: str) -> None:
    made = published(tmp_path, kind)
    assert decode_bundle(encode_bundle(made)) == made
    der = (tmp_path / "seal.der").read_bytes()
    (key,) = (key for key in made.keys if key.x509 == der)
    assert key.uses == {KeyUse.DOCUMENT}
    assert isinstance(key.public, DocumentKey) == (kind in {"rsa3072", "mldsa65"})


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(EtitleError) as caught:
        act()
    assert isinstance(caught.value, (IssueError, SignerError))
    return caught.value.code


@pytest.mark.parametrize("kind", ["p256", "rsa3072", "mldsa65"])
def test_a_certificate_of_another_key_is_named_before_anything_is_signed(
    tmp_path: Path, kind: str
) -> None:
    code = refusal(lambda: published(tmp_path, kind, x509_of="other"))
    assert code == "issue.x509_other_key"


@pytest.mark.parametrize("kind", ["rsa3072", "mldsa65"])
@pytest.mark.parametrize("uses", ['["token"]', '["document", "list"]'])
def test_a_key_that_signs_documents_alone_has_no_other_use(
    tmp_path: Path, kind: str, uses: str
) -> None:
    assert refusal(lambda: published(tmp_path, kind, uses=uses)) == "issue.document_key"


def test_a_key_that_signs_documents_alone_needs_its_certificate(tmp_path: Path) -> None:
    assert refusal(lambda: published(tmp_path, "rsa3072", x509_of="")) == "issue.document_key"


def test_small_rsa_keys_and_rsa_roots_are_refused(tmp_path: Path) -> None:
    assert refusal(lambda: published(tmp_path, "rsa2048")) == "keys.rsa_size"
    public = new_key("rsa3072").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "keys" / "root-1.pub.pem").write_bytes(pem)
    shutil.copy("keys-example/authority.toml", tmp_path)
    file = read_authority(tmp_path / "authority.toml")
    assert refusal(lambda: file.bundle(version=1, at_s=1_767_225_600)) == "keys.unsupported_key"


def test_without_ml_dsa_its_public_keys_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new_key("mldsa65").public_key()
    pem = made.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "seal.pub.pem").write_bytes(pem)

    def unknown(data: bytes) -> None:
        raise UnsupportedAlgorithm(str(len(data)))

    monkeypatch.setattr(authority, "load_pem_public_key", unknown)
    with lacking_mldsa():
        assert refusal(lambda: read_public(tmp_path / "seal.pub.pem")) == "keys.mldsa_missing"
        other = Path("keys-example/keys/root-1.pub.pem")
        assert refusal(lambda: read_public(other)) == "keys.file_malformed"
