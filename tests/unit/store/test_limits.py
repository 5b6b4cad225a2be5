"""Limits of a store are those of the specification."""

from __future__ import annotations

from etitle.store import asleep, disk, lineage, state
from etitle.store.budget import Budget


def test_the_limits_of_a_store() -> None:
    assert (disk.MAX_PUBLISHED_FILES, disk.MAX_PUBLISHED_BYTES) == (4096, 268_435_456)
    assert (state.MAX_STATE_BYTES, asleep.MAX_READ_TRIES) == (16_777_216, 50)
    assert disk.LOCK_WAIT_S == 10.0
    assert Budget() == Budget(268_435_456, 134_217_728, lists=256, rescues=256, chain=64)
    assert (lineage.MAX_FILES, lineage.MAX_LISTS_OPENED) == (64, 8)
