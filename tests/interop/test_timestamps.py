"""What B-LT adds: the evidence in the file lets pyHanko validate it with no other source.

Signatures and time-stamps of B-T and B-LT are held against all judges in test_kinds.
"""

from __future__ import annotations

from io import BytesIO

import pytest
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from tests.support.blankpage import blank
from tests.support.documentkinds import Press
from tests.support.seals import Sealing, make_sealing
from tests.support.validators import Panel
from tests.support.x509 import Maker

from etitle.pades.dss import ValidationData
from etitle.pades.sign import sign_document


@pytest.fixture(scope="module", params=["p256", "rsa3072"])
def sealing(request: pytest.FixtureRequest) -> Sealing:
    return make_sealing(request.param)


def signed(sealing: Sealing, press: Press, validation_data: ValidationData) -> bytes:
    return sign_document(
        blank(),
        seal=sealing.seal,
        signing_time_s=press.at_s,
        tsa=press.tsa.tsa(),
        validation_data=validation_data,
    )


def roots(*makers: Maker) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(one.der) for one in makers]


def for_long(pdf: bytes, sealing: Sealing, press: Press) -> PdfSignatureStatus:
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
        for root in (sealing.root, press.tsa.root)
    )
    return validate_pdf_signature(signature, own, ts_validation_context=stamping)


def test_pyhanko_finds_what_lets_it_be_validated_for_long(
    sealing: Sealing, press: Press, panel: Panel
) -> None:
    stamping = press.tsa.own.issuer
    assert stamping is not None
    x509s = tuple(one.der for one in (sealing.own, sealing.middle, press.tsa.own, stamping))
    crls = tuple(one.crl() for one in (sealing.root, sealing.middle, press.tsa.root, stamping))
    pdf = signed(sealing, press, ValidationData(x509s, crls))
    status = for_long(pdf, sealing, press)
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert not for_long(signed(sealing, press, ValidationData(x509s)), sealing, press).bottom_line
    opinion = panel.qpdf(pdf)
    assert opinion.accepted, opinion.said
