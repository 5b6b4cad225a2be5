"""Limits of keys are those of the specification."""

from __future__ import annotations

from types import ModuleType

import pytest

from etitle.keys import (
    documentkey,
    mldsa,
    pkcs11,
    public,
    seal,
    signer,
    spki,
    x509,
)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (documentkey, "MAX_RSA_BITS", 8192),
        (documentkey, "MIN_RSA_BITS", 3072),
        (documentkey, "ML_DSA_65_BYTES", 1952),
        (mldsa, "SIGNATURE_BYTES", 3309),
        (pkcs11, "MAX_URI_CHARACTERS", 4096),
        (public, "KID_BYTES", 4),
        (seal, "MAX_CHAIN", 8),
        (seal, "MAX_CHAIN_FILE_BYTES", 1_048_576),
        (signer, "MAX_KEY_FILE_BYTES", 1_048_576),
        (spki, "MAX_X509_BYTES", 16_384),
        (x509, "MAX_PATH", 4),
    ],
)
def test_a_limit_is_that_of_the_specification(module: ModuleType, name: str, value: object) -> None:
    assert getattr(module, name) == value
