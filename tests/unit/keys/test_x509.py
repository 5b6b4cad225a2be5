"""Whether one X.509 certificate was issued by another."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from tests.support.x509 import Maker

from etitle.keys.x509 import check_issued


def test_a_signature_that_leaves_out_bits_is_another_certificate() -> None:
    """Else a byte of a document's chain could change, where a signature ends in zeros."""
    made = next(one for one in iter(lambda: Maker.root("样例根"), None) if one.der[-1] & 1 == 0)
    check_issued(made.x509, made.x509)
    place = len(made.der) - len(made.x509.signature) - 1
    shorter = x509.load_der_x509_certificate(made.der[:place] + b"\1" + made.der[place + 1 :])
    assert shorter.signature == made.x509.signature
    with pytest.raises(InvalidSignature):
        check_issued(shorter, made.x509)
