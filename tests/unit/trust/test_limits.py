"""Limits of bundles, lists, deltas and rescue lists are those of the specification."""

from __future__ import annotations

from types import ModuleType

import pytest

from etitle.trust import (
    anchors,
    bundlereader,
    delta,
    difference,
    mapreader,
    pin,
    rescue,
    slices,
    status,
    statuslist,
    successors,
)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (anchors, "CLOCK_SKEW_S", 300),
        (bundlereader, "MAX_BUNDLE_BYTES", 1_048_576),
        (bundlereader, "MAX_ROOTS", 16),
        (bundlereader, "MAX_BUNDLE_TEXT", 200),
        (bundlereader, "MAX_WIDTH", 18),
        (bundlereader, "MAX_SEGMENT_ID", 4_294_967_295),
        (bundlereader, "MAX_LISTS", 64),
        (delta, "MAX_DELTA_BYTES", 4_194_304),
        (delta, "MAX_CHANGES", 1_048_576),
        (delta, "MAX_RICE", 26),
        (difference, "LONG_S", 732 * 86_400),
        (mapreader, "MAX_UINT", 18_446_744_073_709_551_615),
        (pin, "MAX_PIN_TEXT", 65_536),
        (rescue, "DIGEST_BYTES", 16),
        (rescue, "MAX_DIGESTS", 4_194_304),
        (rescue, "MAX_RESCUE_BYTES", 67_125_248),
        (slices, "MIN_SLICE", 1024),
        (status, "FIRST_STATUS_DAY", 18_262),
        (statuslist, "MAX_LIST_BYTES", 67_108_864),
        (statuslist, "MAX_SEQUENCE", 2_147_483_647),
        (statuslist, "MAX_TIME_S", 253_370_764_799),
        (statuslist, "MAX_LIFETIME_S", 34_560_000),
        (statuslist, "MAX_URI", 200),
        (successors, "MAX_SUCCESSORS_BYTES", 16_777_216),
        (successors, "MAX_SUCCESSOR_BYTES", 168),
    ],
)
def test_a_limit_is_that_of_the_specification(module: ModuleType, name: str, value: int) -> None:
    assert getattr(module, name) == value
