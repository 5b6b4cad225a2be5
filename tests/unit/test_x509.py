"""Seal certificates in authority.toml: taken as PEM or DER, refused where they are none."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from etitle.errors import IssueError
from etitle.issue.authority import read_authority, read_seal


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
