"""Keys that sign documents alone, as an issuer makes and publishes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tests.support.x509 import Maker

from etitle.cli.etitle import main
from etitle.keys.seal import DocumentSigner, make_seal, open_document_signer
from etitle.trust.roots import parse_bundle

ROOTS = ("--root", "file:issuer/keys/root-1.pem", "--root", "file:issuer/keys/root-2.pem")
ENTRY = """
[[keys]]
public = "keys/seal-2.pub.pem"
x509 = "seal-2.der"
uses = ["document"]
not_before = 2020-01-01
states = [{ state = "active", since = 2020-01-01T00:00:00+08:00 }]
seal_name = "样例职称专用章"
"""


@pytest.fixture
def folder(folder: Path) -> Path:
    """With a file of a password."""
    (folder / "password").write_text("样例口令\n", "utf-8")
    return folder


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("suite", ["RSA-3072", "ML-DSA-65"])
def test_a_seal_key_is_made_published_and_shown(
    capsys: pytest.CaptureFixture[str], suite: str
) -> None:
    secret = ["--password-file", "password"]
    assert main(["keys", "new", "seal-2", "--suite", suite, *secret]) == 0
    made = capsys.readouterr().out.split()
    assert made[1:3] == [suite, "kid"]
    assert b"ENCRYPTED" in Path("issuer/keys/seal-2.pem").read_bytes()
    assert Path("issuer/keys/seal-2.pem").stat().st_mode & 0o077 == 0
    public = load_pem_public_key(Path("issuer/keys/seal-2.pub.pem").read_bytes())
    der = Maker.root("样例根").certify("样例职称专用章", public)  # type: ignore[arg-type]
    Path("issuer/seal-2.der").write_bytes(der)
    text = Path("issuer/authority.toml").read_text("utf-8")
    head, mark, tail = text.partition("\n# 编号段")
    Path("issuer/authority.toml").write_text(head + ENTRY + mark + tail, "utf-8")
    assert main(["bundle", "new", *ROOTS]) == 0
    capsys.readouterr()
    assert main(["bundle", "show"]) == 0
    (shown,) = [line for line in capsys.readouterr().out.splitlines() if suite in line]
    assert shown.startswith(f"key {made[3]}  {suite}  active  document  2020-01-01")
    assert main(["keys", "show"]) == 0
    assert f"seal-2.pub.pem  {suite}  kid {made[3]}" in capsys.readouterr().out
    # The key that was made is the one that was published.
    signer = open_document_signer("file:issuer/keys/seal-2.pem", password="样例口令".encode)
    assert isinstance(signer, DocumentSigner)
    assert make_seal(signer, x509_chain=[der]).x509_chain == (der,)
    (data,) = [path.read_bytes() for path in Path("issuer/bundles").iterdir()]
    assert signer.spki in {key.public.to_spki() for key in parse_bundle(data)[1].keys}


def test_a_key_of_documents_is_no_root(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "new", "root-9", "--suite", "RSA-3072", "--no-password"]) == 0
    capsys.readouterr()
    assert main(["bundle", "new", "--root", f"file:{folder}/issuer/keys/root-9.pem"]) == 1
    assert "keys.unsupported_key" in capsys.readouterr().err
