"""Our time-stamped signatures (B-T, B-LT) under validators that are not ours."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import time
from collections.abc import Generator
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms as asn1
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from tests.sealing import Sealing, covered, hole, make_sealing
from tests.sheet import blank
from tests.tsa import Authority, make_authority, serving
from tests.x509 import Maker

from etitle.pdf.sign import sign_document
from etitle.pdf.write import Evidence


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Generator[Authority]:
    with serving(make_authority(tmp_path_factory.mktemp("tsa"))) as found:
        yield found


@pytest.fixture(scope="module", params=["p256", "rsa3072"])
def sealing(request: pytest.FixtureRequest) -> Sealing:
    return make_sealing(request.param)


def signed(sealing: Sealing, authority: Authority, evidence: Evidence | None = None) -> bytes:
    return sign_document(
        blank(),
        seal=sealing.seal,
        signing_time_s=int(time.time()),
        tsa=authority.tsa(),
        evidence=evidence,
    )


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # a test tool
        [str(part) for part in command], capture_output=True, text=True, check=False
    )


def roots(*makers: Maker) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(one.der) for one in makers]


def crl(issuer: Maker) -> bytes:
    """A list of an issuer that revokes nothing."""
    now = datetime.datetime.now(datetime.UTC)
    number = x509.CRLNumber(1)
    builder = x509.CertificateRevocationListBuilder(
        issuer.x509.subject, now - datetime.timedelta(days=1), now + datetime.timedelta(days=7)
    )
    assert issuer.key is not None
    made = builder.add_extension(number, critical=False).sign(issuer.key, SHA256())
    return made.public_bytes(Encoding.DER)


def test_pyhanko_finds_signature_and_time_stamp_valid(
    sealing: Sealing, authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(signed(sealing, authority))
    with path.open("rb") as file:
        (signature,) = PdfFileReader(file, strict=True).embedded_signatures
        status = validate_pdf_signature(
            signature,
            ValidationContext(trust_roots=roots(sealing.root), allow_fetching=False),
            ts_validation_context=ValidationContext(
                trust_roots=roots(authority.root), allow_fetching=False
            ),
        )
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.trusted
    assert status.timestamp_validity.valid


def for_long(pdf: bytes, sealing: Sealing, authority: Authority) -> PdfSignatureStatus:
    """What pyHanko says by the file's own evidence, demanding revocation data, fetching none."""
    reader = PdfFileReader(BytesIO(pdf), strict=True)
    store = DocumentSecurityStore.read_dss(reader)
    (signature,) = reader.embedded_signatures
    own, stamping = (
        store.as_validation_context(
            {
                "trust_roots": roots(root),
                "allow_fetching": False,
                "revocation_mode": "require",
            }
        )
        for root in (sealing.root, authority.root)
    )
    return validate_pdf_signature(signature, own, ts_validation_context=stamping)


def test_pyhanko_finds_what_lets_it_be_validated_for_long(
    sealing: Sealing, authority: Authority, tmp_path: Path
) -> None:
    stamping = authority.own.issuer
    assert stamping is not None
    x509s = tuple(one.der for one in (sealing.own, sealing.middle, authority.own, stamping))
    crls = tuple(crl(one) for one in (sealing.root, sealing.middle, authority.root, stamping))
    pdf = signed(sealing, authority, Evidence(x509s, crls))
    status = for_long(pdf, sealing, authority)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert not for_long(signed(sealing, authority, Evidence(x509s)), sealing, authority).bottom_line
    (tmp_path / "a.pdf").write_bytes(pdf)
    assert run(tool("qpdf"), "--check", tmp_path / "a.pdf").returncode == 0


def test_openssl_verifies_the_time_stamp(
    sealing: Sealing, authority: Authority, tmp_path: Path
) -> None:
    (info,) = asn1.ContentInfo.load(hole(signed(sealing, authority)))["content"]["signer_infos"]
    (tmp_path / "signature").write_bytes(info["signature"].native)
    (tmp_path / "token").write_bytes(info["unsigned_attrs"][0]["values"][0].dump())
    (tmp_path / "root.pem").write_bytes(authority.root.pem)
    done = run(
        tool("openssl"), "ts", "-verify", "-data", tmp_path / "signature", "-token_in", "-in",
        tmp_path / "token", "-CAfile", tmp_path / "root.pem",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_openssl_pdfsig_and_mutool_accept_the_signature_beside_it(
    sealing: Sealing, authority: Authority, tmp_path: Path
) -> None:
    pdf = signed(sealing, authority)
    (tmp_path / "root.pem").write_bytes(sealing.root.pem)
    (tmp_path / "a.cms").write_bytes(asn1.ContentInfo.load(hole(pdf)).dump())
    (tmp_path / "a.bin").write_bytes(covered(pdf))
    (tmp_path / "a.pdf").write_bytes(pdf)
    done = run(
        tool("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any",
        "-in", tmp_path / "a.cms", "-content", tmp_path / "a.bin", "-CAfile", tmp_path / "root.pem",
        "-out", "/dev/null",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = run(tool("pdfsig"), "-nocert", tmp_path / "a.pdf").stdout
    assert "Signature Validation: Signature is Valid." in shown
    assert "Total document signed" in shown
    shown = run(tool("mutool"), "sign", "-v", tmp_path / "a.pdf").stdout
    assert "The document is unchanged since signing." in shown
