"""``etitle archive`` as an archivist uses it."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from tests.support.seals import NOON_S, Sealing, make_sealing
from tests.support.tsa import Authority, make_authority, serving

from etitle.cli.etitle import main
from etitle.pades.archived import read_archived


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Generator[Authority]:
    with serving(make_authority(tmp_path_factory.mktemp("tsa"))) as found:
        yield found


@pytest.fixture(scope="module")
def sealing() -> Sealing:
    return make_sealing("p256")


@pytest.fixture
def folder(
    tmp_path: Path, sealing: Sealing, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A signed document, and everything that archiving it takes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    now = datetime.datetime.now(datetime.UTC)
    crl = x509.CertificateRevocationListBuilder(
        sealing.root.x509.subject, now, now + datetime.timedelta(days=7)
    ).sign(sealing.root.key, SHA256())
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            sealing.own.x509, sealing.middle.x509, SHA256(), ocsp.OCSPCertStatus.GOOD, now, None,
            None, None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, sealing.middle.x509)
        .sign(sealing.middle.key, SHA256())
    )  # fmt: skip
    Path("signed.pdf").write_bytes(sealing.signed())
    Path("chain.pem").write_bytes(sealing.own.pem + sealing.middle.pem)
    Path("root.crl").write_bytes(crl.public_bytes(Encoding.PEM))
    Path("seal.ocsp").write_bytes(response.public_bytes(Encoding.DER))
    Path("tsa-root.pem").write_bytes(authority.root.pem)
    return tmp_path


def archive(authority: Authority, document: str, out: str, *evidence: str) -> int:
    files = [part for name in evidence for part in ("--evidence", name)]
    return main(
        ["archive", document, out, "--tsa", authority.url, "--tsa-root", "tsa-root.pem", *files]
    )


def test_a_document_is_archived_and_archived_again(
    folder: Path, sealing: Sealing, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    assert archive(authority, "signed.pdf", "a.pdf", "chain.pem", "root.crl", "seal.ocsp") == 0
    assert archive(authority, "a.pdf", "b.pdf", "seal.ocsp") == 0
    assert capsys.readouterr().out == "a.pdf\nb.pdf\n"
    before = (folder / "signed.pdf").read_bytes()
    found = read_archived((folder / "b.pdf").read_bytes())
    assert found is not None
    assert found.original == before
    assert authority.own.issuer is not None
    assert [one.x509s for one in found.revisions] == [
        (sealing.own.der, sealing.middle.der, authority.own.issuer.der),
        (authority.own.issuer.der,),
    ]
    assert b"/CRLs" in (folder / "a.pdf").read_bytes()
    assert b"/OCSPs" in (folder / "a.pdf").read_bytes()
    assert sorted(path.name for path in folder.glob("*.part")) == []


def test_a_file_that_is_there_is_not_written_over(
    folder: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy("signed.pdf", "a.pdf")
    assert archive(authority, "signed.pdf", "a.pdf", "chain.pem") == 1
    assert "error[sign.archive_exists]" in capsys.readouterr().err
    assert (folder / "a.pdf").read_bytes() == (folder / "signed.pdf").read_bytes()


@pytest.mark.parametrize(
    ("document", "evidence", "code"),
    [
        ("signed.pdf", "signed.pdf", "sign.archive_evidence"),
        ("chain.pem", "chain.pem", "sign.archive_shape"),
        ("signed.pdf", "missing", "issue.file_failed"),
        ("signed.pdf", "broken.pem", "sign.archive_evidence"),
    ],
)
def test_what_can_not_be_archived_says_why(
    folder: Path,
    authority: Authority,
    capsys: pytest.CaptureFixture[str],
    *,
    document: str,
    evidence: str,
    code: str,
) -> None:
    Path("broken.pem").write_text("-----BEGIN X509 CRL-----\n=A==\n-----END X509 CRL-----\n")
    assert archive(authority, document, "a.pdf", evidence) == 1
    assert f"error[{code}]" in capsys.readouterr().err
    assert not (folder / "a.pdf").exists()


def test_a_time_of_another_day_is_refused(
    folder: Path, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    when = datetime.datetime.fromtimestamp(NOON_S - 90 * 86_400, datetime.UTC).isoformat()
    arguments = ["archive", "signed.pdf", "a.pdf", "--tsa", authority.url, "--at", when]
    arguments += ["--tsa-root", "tsa-root.pem", "--evidence", "chain.pem"]
    assert main(arguments) == 1
    assert "error[sign.stamp_time]" in capsys.readouterr().err
    assert not (folder / "a.pdf").exists()
