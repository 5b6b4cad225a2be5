"""An installation whose cryptography has no ML-DSA, as all had before version 48."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from etitle.keys import mldsa
from etitle.keys.x509 import is_chain


@contextmanager
def lacking_mldsa() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(mldsa, "is_supported", lambda: False)
        is_chain.cache_clear()
        try:
            yield
        finally:
            is_chain.cache_clear()
