"""Our signatures beside pyHanko's, and under validators that are not ours."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from tests.sealing import KINDS, NOON_S, Sealing, covered, hole, make_sealing

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


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # a test tool
        [str(part) for part in command], capture_output=True, text=True, check=False
    )


def written(folder: Path, sealing: Sealing) -> Path:
    (folder / "root.pem").write_bytes(sealing.root.pem)
    (folder / "a.pdf").write_bytes(sealing.signed())
    return folder / "a.pdf"


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


def test_pyhanko_finds_the_whole_file_certified(sealing: Sealing, tmp_path: Path) -> None:
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(sealing.root.der)],
        moment=NOON,
        allow_fetching=False,
    )
    with written(tmp_path, sealing).open("rb") as file:
        reader = PdfFileReader(file, strict=True)
        (signature,) = reader.embedded_signatures
        status = validate_pdf_signature(signature, context)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level == MDPPerm.NO_CHANGES
    assert reader.embedded_regular_signatures == [signature]


def test_openssl_accepts_it_as_cades(sealing: Sealing, tmp_path: Path) -> None:
    if sealing.kind in LACKING:
        pytest.xfail(f"OpenSSL 3.0 has no {LACKING[sealing.kind]} in CMS")
    pdf = sealing.signed()
    (tmp_path / "root.pem").write_bytes(sealing.root.pem)
    (tmp_path / "a.cms").write_bytes(asn1.ContentInfo.load(hole(pdf)).dump())
    (tmp_path / "a.bin").write_bytes(covered(pdf))
    done = run(
        tool("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any",
        "-in", tmp_path / "a.cms", "-content", tmp_path / "a.bin", "-CAfile", tmp_path / "root.pem",
        "-out", "/dev/null",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "CAdES Verification successful" in done.stderr


def test_pdfsig_finds_it_valid_and_trusted(sealing: Sealing, tmp_path: Path) -> None:
    if sealing.kind in LACKING:
        pytest.xfail(f"NSS has no {LACKING[sealing.kind]} in CMS")
    path = written(tmp_path, sealing)
    store = f"sql:{tmp_path}"
    for command in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,C,C", "-i",
                                                 str(tmp_path / "root.pem")]):  # fmt: skip
        assert run(tool("certutil"), command[0], "-d", store, *command[1:]).returncode == 0
    shown = run(tool("pdfsig"), "-nssdir", store, path).stdout
    assert "Total document signed" in shown
    assert "Signature Validation: Signature is Valid." in shown
    assert "Certificate Validation: Certificate is Trusted." in shown
    assert "Signature Type: ETSI.CAdES.detached" in shown


def test_mutool_finds_the_document_unchanged(sealing: Sealing, tmp_path: Path) -> None:
    if sealing.kind in LACKING:
        pytest.xfail(f"mutool has no {LACKING[sealing.kind]} in CMS")
    done = run(tool("mutool"), "sign", "-v", written(tmp_path, sealing))
    assert "The document is unchanged since signing." in done.stdout + done.stderr


def test_qpdf_finds_no_fault(sealing: Sealing, tmp_path: Path) -> None:
    done = run(tool("qpdf"), "--check", written(tmp_path, sealing))
    assert (done.returncode, done.stderr) == (0, "")
