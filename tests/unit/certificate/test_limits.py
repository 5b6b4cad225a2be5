"""Limits of certificates are those of the specification."""

from __future__ import annotations

from types import ModuleType

import pytest

from etitle.certificate import (
    commitment,
    compact,
    dates,
    decode,
    identity,
    model,
    number,
    payload,
)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (commitment, "OPENING_BYTES", 10),
        (commitment, "OPENING_CHARACTERS", 17),
        (commitment, "PEPPERS", 128),
        (commitment, "SCRYPT_N", 1024),
        (commitment, "SCRYPT_R", 8),
        (compact, "MAX_COMPACT_NUMBER", 999_999_999_999_999_999),
        (dates, "FIRST_YEAR", 1900),
        (dates, "LAST_YEAR", 2199),
        (dates, "DAY_S", 86_400),
        (decode, "MAX_COPY_TEXT", 60),
        (decode, "MAX_INDEX", 134_217_727),
        (decode, "MAX_LIST_ID", 65_535),
        (
            decode,
            "MAX_TEXT",
            {
                1: 40,
                2: 100,
                5: 60,
                6: 60,
                7: 60,
                10: 100,
                11: 100,
                12: 200,
                16: 100,
                17: 60,
                19: 40,
            },
        ),
        (decode, "MAX_VERSION", 999),
        (identity, "COMMITMENT_BYTES", 16),
        (model, "ORIGINAL_BYTES", 16),
        (number, "MAX_NUMBER", 40),
        (payload, "MAX_PAYLOAD_BYTES", 1024),
        (payload, "SCHEMA", 1),
    ],
)
def test_a_limit_is_that_of_the_specification(module: ModuleType, name: str, value: object) -> None:
    assert getattr(module, name) == value
