"""Limits of what is verified are those of the specification."""

from __future__ import annotations

from types import ModuleType

import pytest

from etitle.verify import (
    document,
    file,
    question,
    token,
)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (document, "MAX_DOCUMENT_BYTES", 67_108_864),
        (file, "MAX_FILE_BYTES", 67_108_864),
        (file, "MAX_TEXT_BYTES", 4_194_304),
        (file, "MAX_LINES", 20_000),
        (question, "CLOCK_SKEW_S", 300),
        (question, "DEFAULT_GRACE_S", 30 * 86_400),
        (question, "DEFAULT_MAX_AGE_S", 90 * 86_400),
        (token, "MAX_TOKEN_BYTES", 2048),
    ],
)
def test_a_limit_is_that_of_the_specification(module: ModuleType, name: str, value: object) -> None:
    assert getattr(module, name) == value
