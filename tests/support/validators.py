"""Validators that are not ours, each behind one function: does it accept a file, in its words.

Each program that is missing skips its tests, which in CI is a failure; ``make test`` installs them
all (tools/setup.sh --judges).
"""

from __future__ import annotations

import datetime
import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest
from asn1crypto import cms as asn1
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from tests.support.seals import covered, hole
from tests.support.x509 import Maker

HERE: Final = Path(__file__).parents[1] / "interop"
JARS: Final = Path("/usr/share/java")
"""Where Debian puts Java's libraries."""
VALIDATE_JARS: Final = ("pdfbox2", "fontbox2", "commons-logging", "bcprov", "bcutil", "bcpkix")
PREFLIGHT_JARS: Final = (
    "pdfbox2", "fontbox2", "commons-logging", "preflight", "xmpbox", "javax.activation", "jaxb-api",
)  # fmt: skip


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: bash tools/setup.sh --judges")
    return found


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # a test tool
        [str(part) for part in command], capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class Opinion:
    """What a program says of a file."""

    accepted: bool
    said: str


@dataclass(frozen=True)
class Panel:
    """The judges, what they are told to trust, and a folder to work in."""

    folder: Path
    roots: tuple[Maker, ...]
    time_roots: tuple[Maker, ...] = ()
    at: datetime.datetime | None = None
    """The time to judge for, where a program can be told; else now."""

    def pyhanko(self, pdf: bytes) -> Opinion:
        """One signature, valid, trusted, over the whole file, that forbids every change."""
        try:
            (signature,) = PdfFileReader(io.BytesIO(pdf), strict=True).embedded_signatures
            status = validate_pdf_signature(
                signature,
                self._context(self.roots),
                ts_validation_context=self._context(self.time_roots),
            )
        except (PdfError, ValueError) as error:
            return Opinion(accepted=False, said=repr(error))
        whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        certified = signature.docmdp_level is MDPPerm.NO_CHANGES
        stamp = status.timestamp_validity
        timed = stamp is None or (stamp.valid and stamp.trusted)
        accepted = status.bottom_line and whole and certified and timed
        return Opinion(accepted, f"{status.summary()}; {status.coverage}; {status.docmdp_ok}")

    def openssl(self, pdf: bytes) -> Opinion:
        """``openssl cms -verify -cades``."""
        # Without the hole's padding, which OpenSSL takes for a part of it.
        content = asn1.ContentInfo.load(hole(pdf)).dump()
        cms, signed = self._file(content, ".cms"), self._file(covered(pdf), ".bin")
        done = run(
            tool("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose",
            "any", "-in", cms, "-content", signed, "-CAfile", self._pem(self.roots),
            "-out", "/dev/null",
        )  # fmt: skip
        words = done.stdout + done.stderr
        return Opinion(done.returncode == 0 and "CAdES Verification successful" in words, words)

    def openssl_time(self, pdf: bytes) -> Opinion:
        """``openssl ts -verify`` of the time-stamp on the signature."""
        (info,) = asn1.ContentInfo.load(hole(pdf))["content"]["signer_infos"]
        signature = self._file(info["signature"].native, ".sig")
        token = self._file(info["unsigned_attrs"][0]["values"][0].dump(), ".tst")
        done = run(
            tool("openssl"), "ts", "-verify", "-data", signature, "-token_in", "-in", token,
            "-CAfile", self._pem(self.time_roots),
        )  # fmt: skip
        return Opinion(done.returncode == 0, done.stdout + done.stderr)

    def pdfsig(self, pdf: bytes) -> Opinion:
        """Poppler's pdfsig with NSS: the whole file, valid, trusted."""
        words = run(tool("pdfsig"), "-nssdir", self._nss, self._file(pdf)).stdout
        wanted = (
            "  - Total document signed\n",
            "Signature Validation: Signature is Valid.",
            "Certificate Validation: Certificate is Trusted.",
            "Signature Type: ETSI.CAdES.detached",
        )
        return Opinion(words.count("Signature #") == 1 and all(w in words for w in wanted), words)

    def mutool(self, pdf: bytes) -> Opinion:
        """``mutool sign -v``, which is told of no root: the digest alone."""
        done = run(tool("mutool"), "sign", "-v", self._file(pdf))
        words = done.stdout + done.stderr
        unchanged = "The document is unchanged since signing." in words
        return Opinion(unchanged and "Digest error" not in words, words)

    def qpdf(self, pdf: bytes) -> Opinion:
        """``qpdf --check``, which looks at the structure alone."""
        done = run(tool("qpdf"), "--check", self._file(pdf))
        return Opinion((done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr)

    def pdfbox(self, files: Mapping[str, bytes]) -> dict[str, Opinion]:
        """PDFBox and Bouncy Castle, many files in one run; by name."""
        roots, times = self._pem(self.roots), self._pem(self.time_roots)
        lines = self._java("Validate", VALIDATE_JARS, files, roots, times)
        found = {line[0]: Opinion(line[1] == "accepted", "\t".join(line[2:])) for line in lines}
        assert found.keys() == files.keys()
        return found

    def preflight(self, files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
        """PDFBox's preflight, which knows PDF/A-1b: faults of each file by code."""
        found: dict[str, dict[str, str]] = {name: {} for name in files}
        for name, code, words in self._java("Preflight", PREFLIGHT_JARS, files):
            found[name][code] = words
        return found

    def _java(
        self, program: str, jars: Sequence[str], files: Mapping[str, bytes], *first: Path
    ) -> list[list[str]]:
        tool("javac")  # of the same package as the compiler that runs a file of source
        paths = [JARS / f"{jar}.jar" for jar in jars]
        missing = [path.name for path in paths if not path.exists()]
        if missing:
            pytest.skip(f"{', '.join(missing)} not in {JARS}: bash tools/setup.sh --judges")
        for name, pdf in files.items():
            (self.folder / name).write_bytes(pdf)
        done = run(
            tool("java"), "-XX:+UseSerialGC", "-cp", ":".join(map(str, paths)),
            HERE / f"{program}.java", *first, *(self.folder / name for name in files),
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stderr
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        assert "Exception in thread" not in done.stderr, done.stderr
        return lines

    def _context(self, roots: Sequence[Maker]) -> ValidationContext:
        loaded = [Certificate.load(one.der) for one in roots]
        return ValidationContext(trust_roots=loaded, moment=self.at, allow_fetching=False)

    def _file(self, data: bytes, ending: str = ".pdf") -> Path:
        path = self.folder / (hashlib.sha256(data).hexdigest()[:16] + ending)
        path.write_bytes(data)
        return path

    def _pem(self, roots: Sequence[Maker]) -> Path:
        return self._file(b"".join(one.pem for one in roots), ".pem")

    @cached_property
    def _nss(self) -> str:
        certutil = tool("certutil")
        folder = self.folder / "nss"
        folder.mkdir()
        store = f"sql:{folder}"
        assert run(certutil, "-N", "-d", store, "--empty-password").returncode == 0
        for at, root in enumerate(self.roots):
            pem = self._pem([root])
            done = run(certutil, "-A", "-d", store, "-n", f"root {at}", "-t", "C,C,C", "-i", pem)
            assert done.returncode == 0, done.stderr
        return store


Judge = Callable[[Panel, bytes], Opinion]

SIGNATURE_JUDGES: Final[Mapping[str, Judge]] = {
    "pyhanko": Panel.pyhanko,
    "openssl": Panel.openssl,
    "pdfsig": Panel.pdfsig,
    "mutool": Panel.mutool,
}
"""Who judge signatures one by one; PDFBox does many at once."""

UNKNOWN_TO: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("ed25519", "openssl"): (
        "OpenSSL has no Ed25519 in CMS", "eddsa_digest_signverify_init:invalid digest",
    ),
    ("ed25519", "pdfsig"): (
        "NSS has no Ed25519 in CMS", "Document isn't signed or corrupted data.",
    ),
    ("ed25519", "mutool"): ("mutool has no Ed25519 in CMS", "Digest error: Unknown error."),
    ("mldsa65", "openssl"): ("OpenSSL 3.0 has no ML-DSA", "X509_PUBKEY_get0:decode error"),
    ("mldsa65", "pdfsig"): ("NSS has no ML-DSA", "Document isn't signed or corrupted data."),
    ("mldsa65", "mutool"): ("mutool has no ML-DSA", "Digest error: Unknown error."),
    ("mldsa65", "pdfbox"): ("Bouncy Castle 1.72 has no ML-DSA", "Unknown signature type requested"),
}  # fmt: skip
"""Who can't judge which kind of key: why, and what they say instead."""


def expect_accepted(name: str, opinion: Opinion, suite: str) -> None:
    """A kind of key is an expected failure of those who don't know it, until they do."""
    if (suite, name) in UNKNOWN_TO and not opinion.accepted:
        reason, words = UNKNOWN_TO[suite, name]
        assert words in opinion.said
        pytest.xfail(reason)
    assert opinion.accepted, opinion.said
