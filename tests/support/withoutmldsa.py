"""An installation whose cryptography has no ML-DSA, as all had before version 48."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from etitle.keys import mldsa
from etitle.pades import verification


@contextmanager
def lacking_mldsa() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(mldsa, "is_supported", lambda: False)
        verification.is_chain.cache_clear()
        try:
            yield
        finally:
            verification.is_chain.cache_clear()
