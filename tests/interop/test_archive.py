"""Our archived documents (B-LTA) under validators that are not ours."""

from __future__ import annotations

import asyncio
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
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import DocumentTimestampStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from tests.support.blankpage import blank
from tests.support.seals import Sealing, make_sealing
from tests.support.tsa import Authority, make_authority, serving
from tests.support.x509 import Maker

from etitle.pades.archived import read_archived
from etitle.pades.augment import augment
from etitle.pades.dss import ValidationData
from etitle.pades.sign import sign_document


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Generator[Authority]:
    with serving(make_authority(tmp_path_factory.mktemp("tsa"))) as found:
        yield found


@pytest.fixture(scope="module", params=["p256", "rsa3072"])
def sealing(request: pytest.FixtureRequest) -> Sealing:
    return make_sealing(request.param)


def crl(issuer: Maker) -> bytes:
    """A list of an issuer that revokes nothing."""
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateRevocationListBuilder(
        issuer.x509.subject, now - datetime.timedelta(days=1), now + datetime.timedelta(days=7)
    )
    made = builder.add_extension(x509.CRLNumber(1), critical=False).sign(issuer.key, SHA256())
    return made.public_bytes(Encoding.DER)


def validation_data(sealing: Sealing, authority: Authority) -> ValidationData:
    stamping = authority.own.issuer
    assert stamping is not None
    return ValidationData(
        tuple(one.der for one in (sealing.own, sealing.middle, authority.own, stamping)),
        tuple(crl(one) for one in (sealing.root, sealing.middle, authority.root, stamping)),
    )


@pytest.fixture(scope="module", params=[False, True], ids=["from B-T", "from B-LT"])
def archived(request: pytest.FixtureRequest, sealing: Sealing, authority: Authority) -> list[bytes]:
    """A document, archived once, archived again."""
    now_s = int(time.time())
    held = validation_data(sealing, authority)
    tsa = authority.tsa()
    plain = sign_document(
        blank(),
        seal=sealing.seal,
        signing_time_s=now_s,
        tsa=tsa,
        validation_data=held if request.param else None,
    )
    once = augment(plain, validation_data=held, tsa=tsa, now_s=now_s)
    assert authority.own.issuer is not None
    again = ValidationData((authority.own.der,), (crl(authority.root), crl(authority.own.issuer)))
    return [plain, once, augment(once, validation_data=again, tsa=tsa, now_s=now_s)]


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


@pytest.mark.parametrize("place", [1, 2])
def test_pyhanko_finds_only_what_archiving_may_add(
    archived: list[bytes], place: int, sealing: Sealing, authority: Authority
) -> None:
    reader = PdfFileReader(BytesIO(archived[place]), strict=True)
    assert reader.total_revisions == place + 1
    (signature,) = reader.embedded_regular_signatures
    context = ValidationContext(
        trust_roots=roots(sealing.root, authority.root), allow_fetching=False
    )
    status = validate_pdf_signature(signature, context)
    assert status.bottom_line
    assert status.docmdp_ok  # /P 1 allows it
    assert status.modification_level is ModificationLevel.LTA_UPDATES
    assert status.coverage is SignatureCoverageLevel.ENTIRE_REVISION


@pytest.mark.parametrize("place", [1, 2])
def test_pyhanko_finds_the_document_time_stamps_valid_by_the_files_own_evidence(
    archived: list[bytes], place: int, authority: Authority
) -> None:
    reader = PdfFileReader(BytesIO(archived[place]), strict=True)
    context = DocumentSecurityStore.read_dss(reader).as_validation_context(
        {
            "trust_roots": roots(authority.root),
            "allow_fetching": False,
            "revocation_mode": "require",
        }
    )
    stamps = reader.embedded_timestamp_signatures
    assert [one.field_name for one in stamps] == [f"archive-{n + 1}" for n in range(place)]
    for stamp in stamps:
        status = validate_pdf_timestamp(stamp, context)
        assert isinstance(status, DocumentTimestampStatus)
        assert status.intact
        assert status.valid
        assert status.trusted
        last = stamp is stamps[-1]
        wide = (
            SignatureCoverageLevel.ENTIRE_FILE if last else SignatureCoverageLevel.ENTIRE_REVISION
        )
        assert status.coverage is wide


def for_long(pdf: bytes, sealing: Sealing, authority: Authority) -> AdESLTAValidationResult:
    """EN 319 102-1 §5.6.3 by pyHanko: the file's own evidence, demanded, and nothing fetched."""
    require = CertRevTrustPolicy(REQUIRE_REVINFO)
    own, stamping = (
        CertValidationPolicySpec(SimpleTrustManager.build(roots(root)), require)
        for root in (sealing.root, authority.root)
    )
    spec = SignatureValidationSpec(
        cert_validation_policy=own,
        ts_cert_validation_policy=stamping,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
        ),
    )
    (signature,) = PdfFileReader(BytesIO(pdf), strict=True).embedded_regular_signatures
    return asyncio.run(ades_lta_validation(signature, PdfSignatureValidationSpec(spec)))


@pytest.mark.parametrize("place", [1, 2])
def test_pyhanko_validates_it_for_long(
    archived: list[bytes], place: int, sealing: Sealing, authority: Authority
) -> None:
    result = for_long(archived[place], sealing, authority)
    assert result.ades_subindic is AdESPassed.OK
    assert result.oldest_evidence_record_timestamp is not None
    assert for_long(archived[0], sealing, authority).oldest_evidence_record_timestamp is None


def test_pyhanko_does_not_without_the_lists_of_revoked_certificates(
    sealing: Sealing, authority: Authority
) -> None:
    now_s, tsa = int(time.time()), authority.tsa()
    plain = sign_document(blank(), seal=sealing.seal, signing_time_s=now_s, tsa=tsa)
    held = ValidationData(validation_data(sealing, authority).x509s)
    result = for_long(
        augment(plain, validation_data=held, tsa=tsa, now_s=now_s), sealing, authority
    )
    assert result.ades_subindic is not AdESPassed.OK


def test_openssl_verifies_each_document_time_stamp(
    archived: list[bytes], authority: Authority, tmp_path: Path
) -> None:
    found = read_archived(archived[2])
    assert found is not None
    (tmp_path / "root.pem").write_bytes(authority.root.pem)
    for revision in found.revisions:
        (tmp_path / "covered").write_bytes(revision.covered(archived[2]))
        token = asn1.ContentInfo.load(revision.byte_range.contents).dump()
        (tmp_path / "token").write_bytes(token)
        done = run(
            tool("openssl"), "ts", "-verify", "-data", tmp_path / "covered", "-token_in", "-in",
            tmp_path / "token", "-CAfile", tmp_path / "root.pem",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (tmp_path / "covered").write_bytes(revision.covered(archived[2]) + b"\n")
        done = run(
            tool("openssl"), "ts", "-verify", "-data", tmp_path / "covered", "-token_in", "-in",
            tmp_path / "token", "-CAfile", tmp_path / "root.pem",
        )  # fmt: skip
        assert done.returncode != 0


def test_qpdf_finds_no_fault(archived: list[bytes], tmp_path: Path) -> None:
    for pdf in archived:
        (tmp_path / "a.pdf").write_bytes(pdf)
        done = run(tool("qpdf"), "--check", tmp_path / "a.pdf")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No syntax or stream encoding errors found" in done.stdout


def test_pdfsig_finds_the_seal_valid_and_shows_the_document_time_stamp(
    archived: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(archived[1])
    seal, stamp = run(tool("pdfsig"), "-nocert", tmp_path / "a.pdf").stdout.split("Signature #2")
    assert "Signature Validation: Signature is Valid." in seal
    # It has no validation of document time-stamps, and says so.
    assert "Signature Field Name: archive-1" in stamp
    assert "- Total document signed" in stamp
    assert "Signature has not yet been verified" in stamp


def test_mutool_finds_the_seal_valid_and_names_the_addition(
    archived: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(archived[1])
    shown = run(tool("mutool"), "sign", "-v", tmp_path / "a.pdf").stdout
    # It knows no document time-stamps: an addition is an edit to it.
    assert "The signature is valid but there have been edits since signing." in shown
