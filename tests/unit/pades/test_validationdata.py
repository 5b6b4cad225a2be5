"""Files of evidence, sorted by what they hold: docs/spec clause 9.10."""

from __future__ import annotations

import datetime
from base64 import b64encode
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from tests.support.x509 import Maker

from etitle.errors import IssueError
from etitle.pades.dss import ValidationData
from etitle.pades.validationdata import sort_validation_data

ROOT: Final = Maker.root("样例根证书")
LEAF: Final = ROOT.leaf("样例职称专用章")
ENCODING: Final = Encoding.DER
DAY: Final = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)


def crl() -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(ROOT.x509.subject)
    made = builder.last_update(DAY).next_update(DAY + datetime.timedelta(9))
    return made.sign(ROOT.key, hashes.SHA256()).public_bytes(ENCODING)


def answer() -> bytes:
    status = ocsp.OCSPResponseStatus.TRY_LATER
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(ENCODING)


CRL, OCSP = crl(), answer()


def pem(label: str, item: bytes, width: int = 64) -> bytes:
    text = b64encode(item)
    lines = b"\n".join(text[at : at + width] for at in range(0, len(text), width))
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (
        label.encode(), lines, label.encode(),
    )  # fmt: skip


def test_each_kind_is_sorted_in_the_order_given_each_item_once() -> None:
    files = [OCSP, LEAF.der, CRL, ROOT.der, LEAF.der]
    assert sort_validation_data(files) == ValidationData((LEAF.der, ROOT.der), (CRL,), (OCSP,))
    assert sort_validation_data([]) == ValidationData((), (), ())


def test_a_file_may_hold_blocks_of_each_kind() -> None:
    blocks = pem("CERTIFICATE", ROOT.der) + b"words between\n" + pem("X509 CRL", CRL)
    blocks += pem("OCSP RESPONSE", OCSP) + pem("CERTIFICATE", LEAF.der, 9999)
    assert sort_validation_data([blocks]) == ValidationData((ROOT.der, LEAF.der), (CRL,), (OCSP,))
    assert sort_validation_data([blocks.replace(b"\n", b"\r\n")]) == sort_validation_data([blocks])
    text = b64encode(ROOT.der + LEAF.der + CRL)
    assert not set(b"+/") - set(text)  # every character of the alphabet was read


REFUSED: Final = {
    "nothing": b"",
    "words": b"no evidence",
    "an empty sequence": b"\x30\x00",
    "a certificate cut short": ROOT.der[:-1],
    "no certificate in PEM": pem("CERTIFICATE", b"no certificate"),
    "another label": pem("PUBLIC KEY", ROOT.der),
    "two labels": pem("CERTIFICATE", ROOT.der).replace(b"END C", b"END X"),
    "PEM cut short": pem("CERTIFICATE", ROOT.der)[:60] + b"\n-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(IssueError) as caught:
        sort_validation_data([LEAF.der, REFUSED[name]])
    assert caught.value.code == "sign.archive_evidence"
